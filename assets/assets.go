// Package assets holds what is compiled in besides code: the icon, and the texts of every language.
//
// It imports nothing of ours; whoever needs a file reads it from here.
package assets

import "embed"

// Translations has one JSON file a language, translations/en.json and so on: keys to texts, or to one text for each
// plural form. Placeholders stand in braces, "**" surrounds what is bold.
//
//go:embed translations/*.json
var Translations embed.FS

// Icon is the application's icon as PNG, 512 pixels square.
//
//go:embed icon.png
var Icon []byte
