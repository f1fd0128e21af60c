package schema

import (
	"strconv"
	"unicode/utf8"

	"github.com/doppio-sync/doppio/engine/record"
)

// Loss is what a field's values may lose on their way to a side, or why that side may refuse one.
type Loss struct {
	Code     string      `json:"code"`
	To       record.Side `json:"to"`
	Sentence string      `json:"sentence"`
	// Key names the sentence for translation, Args are what stands in it.
	Key  string   `json:"-"`
	Args []string `json:"-"`
}

// textArea is the most that a text area holds in Marketo, in bytes of UTF-8.
const textArea = 30_000

// Losses names beforehand what values lose where a field of these two descriptions travels in a direction. Nothing is lost
// without a word later either: what a side refuses becomes a failure.
func Losses(s, k Described, d Direction) []Loss {
	kind, why := Fit(s, k)
	if why != "" {
		return nil
	}
	w := &weighing{s: s, k: k, kind: kind}
	if d.Writes(record.Marketo) {
		w.to = record.Marketo
		w.toMarketo()
	}
	if d.Writes(record.Salesforce) {
		w.to = record.Salesforce
		w.toSalesforce()
	}
	w.bothWays()
	return w.losses
}

// weighing gathers the losses of one field.
type weighing struct {
	s, k   Described
	kind   record.Kind
	to     record.Side
	losses []Loss
}

// say notes a loss; %1 and %2 in the text stand for numbers.
func (w *weighing) say(code, key, text string, numbers ...int) {
	l := Loss{Code: code, To: w.to, Key: key}
	var told []string
	for _, n := range numbers {
		told = append(told, thousands(n))
		l.Args = append(l.Args, strconv.Itoa(n))
	}
	l.Sentence = record.Fill(text, told...)
	w.losses = append(w.losses, l)
}

func (w *weighing) toMarketo() {
	s, k := w.s, w.k
	longest := s.Length
	if w.kind == record.Picklist { // the list says how long they are, not the field
		longest = 0
		for _, v := range s.Picklist {
			longest = max(longest, utf8.RuneCountInString(v))
		}
	}
	switch {
	case k.Type == "text" && longest > textArea:
		w.say("length", "loss.length.area", "Marketo keeps 30,000 bytes of a text area, Salesforce %1 characters: a longer text is refused.", longest)
	case k.Type == "text" && longest*utf8.UTFMax > textArea:
		w.say("bytes", "loss.bytes", "Marketo counts bytes, 30,000 in a text area: a long text with many accents or emoji may be refused.")
	case k.Length > 0 && longest > k.Length && w.kind != record.Reference:
		w.say("length", "loss.length.marketo", "Marketo takes %1 characters, Salesforce %2: a longer text is refused by Marketo.", k.Length, longest)
	}
	integers := marketoKinds[k.Type] == record.Integer
	switch {
	case k.Type == "percent" && s.Scale > 0:
		w.say("percent", "loss.percent", "A percentage is a whole number in Marketo: what stands behind the point is rounded away. A field of type float keeps it.")
	case integers && s.Scale > 0:
		w.say("decimals", "loss.decimals.marketo", "Marketo's field takes whole numbers: what stands behind the point is rounded away.")
	case (k.Type == "float" || k.Type == "currency") && s.Precision > 7:
		w.say("precision", "loss.precision", "Marketo's field keeps about seven digits, Salesforce %1: large values may come back rounded.", s.Precision)
	}
	if integers && s.Precision-s.Scale > 9 {
		w.say("range", "loss.range.marketo", "Salesforce takes %1 digits; Marketo's whole numbers may end at 2,147,483,647.", s.Precision-s.Scale)
	}
	switch {
	case s.HTML:
		w.say("rich-text", "loss.rich-text.marketo", "The text is HTML; Marketo shows and sends its tags as they are.")
	case s.Type == "time":
		w.say("time", "loss.time", "Marketo has no type for a time of day: it comes as a text such as 13:45:00.000Z.")
	case s.Type == "date" && w.kind == record.Text:
		w.say("date-text", "loss.date-text", "The day comes as a text such as 2026-01-31, which Marketo cannot compare as a date.")
	case w.kind == record.Reference:
		w.say("id", "loss.id", "Only the record's id comes, not its name.")
	case s.Type == "email" && k.Type == "email":
		w.say("ascii", "loss.ascii", "Marketo takes addresses in ASCII only: one with an accent is refused.")
	}
	if s.Encrypted {
		w.say("encrypted", "loss.encrypted", "The field is encrypted: without the permission View Encrypted Data it comes masked.")
	}
	if s.Calculated {
		w.say("calculated", "loss.calculated", "Salesforce calculates the field without a trace: it is read again every night, so a change may take a day.")
	}
}

func (w *weighing) toSalesforce() {
	s, k := w.s, w.k
	switch {
	case w.kind == record.Picklist && s.Restricted:
		w.say("restricted", "loss.restricted", "Salesforce takes the %1 values of its list only; any other is refused.", len(s.Picklist))
	case w.kind == record.Picklist:
		w.say("picklist", "loss.picklist", "A value that is not in Salesforce's list is stored, but no list offers it.")
	case w.kind == record.MultiPicklist && s.Restricted:
		w.say("restricted", "loss.restricted.set", "Salesforce takes the %1 values of its list only; a set with any other is refused as a whole.", len(s.Picklist))
	case isText(w.kind) && k.Type == "text" && s.Length > 0 && s.Length < textArea:
		w.say("length", "loss.length.area.salesforce", "Salesforce takes %1 characters, a text area in Marketo 30,000 bytes: a longer text is refused by Salesforce.", s.Length)
	case isText(w.kind) && s.Length > 0 && k.Length > s.Length:
		w.say("length", "loss.length.salesforce", "Salesforce takes %1 characters, Marketo %2: a longer text is refused by Salesforce.", s.Length, k.Length)
	}
	switch {
	case k.Type == "text" && isText(w.kind) && s.Type != "textarea":
		w.say("one-line", "loss.one-line", "Salesforce's field has one line: a text of several lines may be refused or lose its line ends.")
	case s.HTML:
		w.say("rich-text", "loss.rich-text.salesforce", "The text is HTML in Salesforce: plain text from Marketo takes the place of its formatting.")
	case s.Type == "email":
		w.say("e-mail", "loss.e-mail", "Salesforce refuses some addresses that Marketo takes.")
	}
	if w.kind == record.Decimal && s.Scale < 2 && (k.Type == "float" || k.Type == "currency") {
		w.say("decimals", "loss.decimals.salesforce", "Salesforce keeps fewer digits behind the point: what Marketo has beyond is rounded.")
	}
	if whole := s.Precision - s.Scale; family(w.kind) == record.Decimal && whole > 0 && whole < 10 {
		w.say("range", "loss.range.salesforce", "Salesforce takes at most %1 before the point, counted in digits: a larger number is refused.", whole)
	}
	if s.Unique {
		w.say("unique", "loss.unique", "The field is unique in Salesforce: the second record with the same value is refused.")
	}
	if s.Required {
		w.say("required", "loss.required", "Salesforce does not let the field be blank: clearing it in Marketo is refused, unless it is marked never blank.")
	}
}

// bothWays are the losses that stand wherever the field travels; they are told of Marketo, or of the one side written to.
func (w *weighing) bothWays() {
	switch {
	case w.to == 0:
	case w.kind == record.DateTime:
		w.say("seconds", "loss.seconds", "Both sides agree to the second, in UTC; fractions are dropped, and each screen shows its user's time zone.")
	case w.kind == record.TextArea:
		w.say("line-ends", "loss.line-ends", "Line ends are compared and written as LF; Salesforce's screens write CR LF.")
	case w.kind == record.MultiPicklist:
		w.say("order", "loss.order", "The choices are compared as a set and written in the order of Salesforce's list.")
	case w.s.Type == "currency":
		w.say("currency", "loss.currency", "Amounts are not converted: Marketo has one currency, and Salesforce sends the record's own.")
	case w.kind == record.Boolean:
		w.say("boolean", "loss.boolean", "A checkbox knows no blank: empty counts as not ticked.")
	}
}

func isText(k record.Kind) bool { return family(k) == record.Text && k != record.Picklist }

func thousands(n int) string {
	text := strconv.Itoa(n)
	for at := len(text) - 3; at > 0; at -= 3 {
		text = text[:at] + "," + text[at:]
	}
	return text
}
