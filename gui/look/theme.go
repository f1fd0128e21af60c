// Package look is how Doppio looks: its colours by role, its sizes, and the few widgets that every screen is made of
// (text, buttons, cards, badges, bars, tables). Texts flow in ready to be read; nothing here knows what they mean.
//
// Widgets follow the theme by themselves, draw the focus, and are used on the UI thread only.
package look

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"
)

// Text sizes by role.
const (
	SizeText    fyne.ThemeSizeName = theme.SizeNameText
	SizeCaption fyne.ThemeSizeName = theme.SizeNameCaptionText
	SizeHeading fyne.ThemeSizeName = theme.SizeNameHeadingText // the sentence at the head of a page
	SizeTitle   fyne.ThemeSizeName = "doppio.title"            // the title of a large card
	SizeNumber  fyne.ThemeSizeName = "doppio.number"
	SizeClaim   fyne.ThemeSizeName = "doppio.claim" // what stands under the name of the app
)

// Spaces and measures, in Fyne's units.
const (
	Tiny   float32 = 4
	Small  float32 = 8
	Medium float32 = 16
	Large  float32 = 24

	cardRadius   float32 = 12
	cardPadding          = Medium
	buttonRadius float32 = 8
	SidebarWidth float32 = 200
	rowHeight    float32 = 35
)

var sizes = map[fyne.ThemeSizeName]float32{
	SizeText:                           14,
	SizeCaption:                        12,
	SizeHeading:                        22,
	theme.SizeNameSubHeadingText:       14,
	SizeTitle:                          17,
	SizeNumber:                         28,
	SizeClaim:                          16,
	theme.SizeNamePadding:              4,
	theme.SizeNameInnerPadding:         8,
	theme.SizeNameInputRadius:          buttonRadius,
	theme.SizeNameSelectionRadius:      buttonRadius,
	theme.SizeNameInputBorder:          1,
	theme.SizeNameSeparatorThickness:   1,
	theme.SizeNameScrollBar:            10,
	theme.SizeNameScrollBarSmall:       4,
	theme.SizeNameScrollBarRadius:      4,
	theme.SizeNameInlineIcon:           18,
	theme.SizeNameLineSpacing:          4,
	theme.SizeNameWindowTitleBarHeight: 32,
}

// Theme is Doppio's theme. The zero Theme follows the system's choice of light or dark.
type Theme struct {
	// Fixed holds the theme to one variant whatever the system says; nil follows it.
	Fixed *fyne.ThemeVariant
}

// Light and Dark are themes that do not follow the system.
func Light() Theme { v := theme.VariantLight; return Theme{&v} }

// Dark is the dark one.
func Dark() Theme { v := theme.VariantDark; return Theme{&v} }

// Color is a colour of the table, or Fyne's where the table has none.
func (t Theme) Color(name fyne.ThemeColorName, variant fyne.ThemeVariant) color.Color {
	if t.Fixed != nil {
		variant = *t.Fixed
	}
	switch name {
	case theme.ColorNameShadow:
		return color.NRGBA{A: 0x18}
	case theme.ColorNameScrollBar:
		return withAlpha(palette[Soft].of(variant), 0x88)
	case theme.ColorNameScrollBarBackground:
		return color.Transparent
	}
	if p, ok := palette[name]; ok {
		return p.of(variant)
	}
	return theme.DefaultTheme().Color(name, variant)
}

// Font is Fyne's Noto Sans, which has Latin, Greek and Cyrillic.
func (t Theme) Font(style fyne.TextStyle) fyne.Resource { return theme.DefaultTheme().Font(style) }

// Icon is Fyne's.
func (t Theme) Icon(name fyne.ThemeIconName) fyne.Resource { return theme.DefaultTheme().Icon(name) }

// Size is a size of the table, or Fyne's where the table has none.
func (t Theme) Size(name fyne.ThemeSizeName) float32 {
	if s, ok := sizes[name]; ok {
		return s
	}
	return theme.DefaultTheme().Size(name)
}

func withAlpha(c color.NRGBA, alpha uint8) color.NRGBA {
	c.A = alpha
	return c
}
