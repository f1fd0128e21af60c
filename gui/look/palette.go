package look

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"
)

// The colours by what they are for. Each is asked through theme.Color, so that it follows light and dark.
const (
	Background fyne.ThemeColorName = theme.ColorNameBackground
	Ink        fyne.ThemeColorName = theme.ColorNameForeground
	Accent     fyne.ThemeColorName = theme.ColorNamePrimary
	OnAccent   fyne.ThemeColorName = theme.ColorNameForegroundOnPrimary

	Panel       fyne.ThemeColorName = "doppio.panel"       // cards, tables, dialogs
	Sidebar     fyne.ThemeColorName = "doppio.sidebar"     // navigation, steps
	Soft        fyne.ThemeColorName = "doppio.soft"        // explanations
	Faint       fyne.ThemeColorName = "doppio.faint"       // disabled
	Line        fyne.ThemeColorName = "doppio.line"        // borders, grid of charts
	AccentSoft  fyne.ThemeColorName = "doppio.accent-soft" // selection
	AccentHover fyne.ThemeColorName = "doppio.accent-hover"
	Track       fyne.ThemeColorName = "doppio.track" // the empty part of a bar, the badge of a quiet state

	Salesforce fyne.ThemeColorName = "doppio.salesforce"
	Marketo    fyne.ThemeColorName = "doppio.marketo"

	// Areas of charts, where 3:1 is enough.
	BarBad     fyne.ThemeColorName = "doppio.bar-bad"
	BarWarning fyne.ThemeColorName = "doppio.bar-warning"
	BarOther   fyne.ThemeColorName = "doppio.bar-other"

	// States. Never colour alone: a word or a sign stands with it.
	Good        fyne.ThemeColorName = "doppio.good"
	GoodSoft    fyne.ThemeColorName = "doppio.good-soft"
	Warning     fyne.ThemeColorName = "doppio.warning"
	WarningSoft fyne.ThemeColorName = "doppio.warning-soft"
	Bad         fyne.ThemeColorName = "doppio.bad"
	BadSoft     fyne.ThemeColorName = "doppio.bad-soft"
)

// pair is a colour in light and dark, as 0xRRGGBB.
type pair struct{ light, dark uint32 }

// palette is the one table of colours.
var palette = map[fyne.ThemeColorName]pair{
	Background:  {0xf6f3ef, 0x1c1815},
	Panel:       {0xffffff, 0x26211d},
	Sidebar:     {0xefe9e3, 0x211c19},
	Ink:         {0x2b211b, 0xf1ebe5},
	Soft:        {0x6a5d54, 0xb5a89d},
	Faint:       {0x756a60, 0x9a8d82},
	Line:        {0xe6dfd8, 0x3a332d},
	Accent:      {0x8a4b22, 0xd9935a},
	OnAccent:    {0xffffff, 0x1c1815},
	AccentSoft:  {0xf3e6db, 0x3a2b20},
	AccentHover: {0x743e1b, 0xe3a472},
	Track:       {0xe6dfd8, 0x3a332d},
	Salesforce:  {0x1b74c5, 0x5aa9ec},
	Marketo:     {0x6b4fa8, 0xa78bea},
	BarBad:      {0xc4473d, 0xc4473d},
	BarWarning:  {0xd99a2b, 0xd99a2b},
	BarOther:    {0xa89c92, 0xa89c92},
	Good:        {0x2a7247, 0x6fc493},
	GoodSoft:    {0xe2f1e7, 0x203529},
	Warning:     {0x8a5a10, 0xe3b45c},
	WarningSoft: {0xfbf0d9, 0x3a2f1a},
	Bad:         {0xa8322a, 0xef8379},
	BadSoft:     {0xf9e3e0, 0x402523},

	// What Fyne's own widgets ask for.
	theme.ColorNameButton:              {0xffffff, 0x26211d},
	theme.ColorNameDisabled:            {0x756a60, 0x9a8d82},
	theme.ColorNameDisabledButton:      {0xefe9e3, 0x211c19},
	theme.ColorNameError:               {0xa8322a, 0xef8379},
	theme.ColorNameSuccess:             {0x2a7247, 0x6fc493},
	theme.ColorNameWarning:             {0x8a5a10, 0xe3b45c},
	theme.ColorNameFocus:               {0xf3e6db, 0x3a2b20},
	theme.ColorNameHover:               {0xf3e6db, 0x3a2b20},
	theme.ColorNamePressed:             {0xe6dfd8, 0x3a332d},
	theme.ColorNameSelection:           {0xf3e6db, 0x4a3626},
	theme.ColorNameInputBackground:     {0xf6f3ef, 0x1c1815},
	theme.ColorNameInputBorder:         {0xe6dfd8, 0x3a332d},
	theme.ColorNameMenuBackground:      {0xffffff, 0x26211d},
	theme.ColorNameOverlayBackground:   {0xffffff, 0x26211d},
	theme.ColorNamePlaceHolder:         {0x756a60, 0x9a8d82},
	theme.ColorNameHyperlink:           {0x8a4b22, 0xd9935a},
	theme.ColorNameSeparator:           {0xe6dfd8, 0x3a332d},
	theme.ColorNameHeaderBackground:    {0xefe9e3, 0x211c19},
	theme.ColorNameForegroundOnError:   {0xffffff, 0x1c1815},
	theme.ColorNameForegroundOnSuccess: {0xffffff, 0x1c1815},
	theme.ColorNameForegroundOnWarning: {0xffffff, 0x1c1815},
}

func (p pair) of(variant fyne.ThemeVariant) color.NRGBA {
	rgb := p.light
	if variant == theme.VariantDark {
		rgb = p.dark
	}
	return color.NRGBA{R: uint8(rgb >> 16), G: uint8(rgb >> 8), B: uint8(rgb), A: 0xff}
}
