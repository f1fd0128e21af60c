// Package assets holds what is compiled in besides code: the icon, and the texts of every language.
//
// It imports nothing of ours; whoever needs a file reads it from here.
package assets

import "embed"

// Translations has one JSON file a language, translations/en.json and so on: keys to texts, or to one text for each
// plural form. Placeholders stand in braces, "**" surrounds what is bold. What the engine tells is English in its own
// code; translations/engine has it in the other languages, with the arguments as {1}, {2} …, and in English where the window
// says it in other words than a command does. translations/fyne is what Fyne's own widgets say.
//
//go:embed translations/*.json translations/engine/*.json translations/fyne/*.json
var Translations embed.FS

// Icon is the application's icon as PNG, 512 pixels square.
//
//go:embed icon.png
var Icon []byte

// NotoSans and NotoSansBold are the type of printed pages (SIL Open Font License, fonts/OFL.txt).
//
//go:embed fonts/NotoSans-Regular.ttf
var NotoSans []byte

//go:embed fonts/NotoSans-Bold.ttf
var NotoSansBold []byte
