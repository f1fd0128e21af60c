package instance

import (
	"strconv"
	"strings"
)

// Type ids that the imitation writes (Adobe I/O Events, Marketo activity types).
const (
	typeNewLead         = 12
	typeChangeDataValue = 13
	typeSyncToSFDC      = 19
	typeConvertLead     = 21
	typeChangeScore     = 22
	typeChangeOwner     = 23
	typeAddToList       = 24
	typeRemoveFromList  = 25
	typeSyncUpdates     = 28
	typeDeleteFromSFDC  = 29
	typeMergeLeads      = 32
	typeDeleteLead      = 37
	typeRequestCampaign = 47
	typeChangePartition = 100
	typeChangeStatus    = 104
	typeChangeMember    = 123
	typePushLead        = 145
	typeAddToObject     = 100001 // "Add to Car"

	typeSalesforceActivity = 100003 // made by the set-up
)

// attrName is a number for an attribute's name.
type attrName byte

// attrGiven says that the name stands in the activity itself.
const attrGiven attrName = 255

var (
	attrNames   []string
	attrNumberz = map[string]attrName{}
)

func attrOf(name string) attrName {
	if n, ok := attrNumberz[name]; ok {
		return n
	}
	return attrGiven
}

// activityType is a line of types.json.
type activityType struct {
	id         int
	name       string
	about      string
	primary    [2]string // name, dataType; empty: none
	attributes [][2]string
	native     bool
	retention  int // days that it is kept; 0 for ever
}

// typeTable is id|name|primary:type|attribute:type, …|flags. n: only with the native sync; 90: kept for 90 days, 14: for
// 14 days, 760: for 25 months, 0: for ever (Marketo REST API, Activities: retention).
const typeTable = `
1|Visit Webpage|Webpage ID:integer|Client IP Address:string, Query Parameters:string, Referrer URL:string, Search Engine:string, Search Query:string, User Agent:string, Webpage URL:string|90
2|Fill Out Form|Webform ID:integer|Client IP Address:string, Form Fields:text, Query Parameters:string, Referrer URL:string, User Agent:string, Webpage ID:integer|760
3|Click Link|Link ID:integer|Client IP Address:string, Query Parameters:string, Referrer URL:string, User Agent:string, Webpage ID:integer|90
6|Send Email|Mailing ID:integer|Campaign Run ID:integer, Choice Number:integer, Has Predictive:boolean, Step ID:integer, Test Variant:integer|90
7|Email Delivered|Mailing ID:integer|Campaign Run ID:integer, Choice Number:integer, Has Predictive:boolean, Step ID:integer, Test Variant:integer|90
8|Email Bounced|Mailing ID:integer|Campaign Run ID:integer, Category:string, Choice Number:integer, Details:string, Email:string, Step ID:integer, Subcategory:string, Test Variant:integer|760
9|Unsubscribe Email|Mailing ID:integer|Campaign Run ID:Integer, Client IP Address:string, Form Fields:text, Has Predictive:boolean, Query Parameters:string, Referrer URL:string, Test Variant:integer, User Agent:string, Webform ID:integer, Webpage ID:integer|760
10|Open Email|Mailing ID:integer|Bot Activity Pattern:string, Campaign Run ID:integer, Choice Number:integer, Device:string, Has Predictive:boolean, Is Bot Activity:boolean, Is Mobile Device:boolean, Platform:string, Step ID:integer, Test Variant:integer, User Agent:string|760
11|Click Email|Mailing ID:integer|Bot Activity Pattern:string, Campaign Run ID:integer, Choice Number:integer, Device:string, Is Bot Activity:boolean, Is Mobile Device:boolean, Is Predictive:boolean, Link:string, Link ID:string, Platform:string, Step ID:integer, Test Variant:integer, User Agent:string|760
12|New Lead||Created Date:date, Form Name:string, Lead Source:string, List Name:string, SFDC Type:string, Source Type:string, API Method Name:string, Modifying User:string, Request Id:string|0
13|Change Data Value|Attribute Name:string|API Method Name:string, Campaign:string, Channel:string, Modifying User:string, New Value:string, Old Value:string, Reason:string, Request Id:string, Source:string|90
19|Sync Lead to SFDC||Assign To:string, Campaign:string|90n
21|Convert Lead||Assign To:string, Campaign:string, Converted Status:string, Send Notification Email:boolean|760n
22|Change Score|Score Name:string|Change Value:score_change, New Value:score, Old Value:score, Reason:string|90
23|Change Owner||Campaign:string, Old Owner:string, Owner:string|760n
24|Add to List|List ID:integer|Campaign:string, Source:string|90
25|Remove from List|List ID:integer|Campaign:string, Channel:string, Source:string|760
26|SFDC Activity|Subject:string|Activity Owner:string, Description:text, Due Date:date, Is Task:boolean, Priority:string, Status:string|760n
27|Email Bounced Soft|Mailing ID:integer|Campaign Run ID:integer, Category:string, Choice Number:integer, Details:string, Email:string, Step ID:integer, Subcategory:string, Test Variant:integer|760
28|Sync Lead Updates to SFDC|||90n
29|Delete Lead from SFDC||Delete in Marketo:boolean|760n
30|SFDC Activity Updated|Subject:string|Activity Owner:string, Description:text, Due Date:date, Is Task:boolean, Priority:string, Status:string|760n
31|SFDC Merge Leads||Merged:string, Winning Values:string|760n
32|Merge Leads|Lead ID:integer|Master Updated:boolean, Merge Fields:string, Merge IDs:array, Merge Source:string, Merged in Sales:boolean|760
34|Add to Opportunity|Oppty ID:integer|Is Primary:boolean, Role:string|760
35|Remove from Opportunity|Oppty ID:integer||760
36|Update Opportunity|Oppty ID:integer|Attribute Name:string, New Value:string, Old Value:string|90
37|Delete Lead|Lead ID:integer||14
38|Send Alert|Mailing ID:integer|Send To List:string|760
42|Add to SFDC Campaign|Campaign ID:integer|Status:string|760n
43|Remove from SFDC Campaign|Campaign ID:integer|Status:string|760n
44|Change Status in SFDC Campaign|Campaign ID:integer|New Status:string, Old Status:string|760n
46|Interesting Moment|Type:string|Date:datetime, Description:text, Source:string|760
47|Request Campaign|Campaign ID:integer|Source:string|90
100|Change Lead Partition|New Partition ID:integer|Old Partition ID:integer, Reason:string|760
101|Change Revenue Stage|Model ID:integer|New Stage:string, Old Stage:string, Reason:string|760
104|Change Status in Progression|Program ID:integer|Acquired By:boolean, New Status:string, New Status ID:integer, Old Status:string, Old Status ID:integer, Program Member ID:integer, Reason:string, Success:boolean|760
108|Change Segment|Segmentation ID:integer|New Segment ID:integer, Old Segment ID:integer|760
110|Call Webhook|Webhook:integer|Error Type:string, Response:text|760
113|Add to Nurture|Program ID:integer|Track ID:integer, Track Name:string|760
114|Change Nurture Track|Program ID:integer|New Track ID:integer, Previous Track ID:integer, Track Name:string|760
115|Change Nurture Cadence|Program ID:integer|New Nurture Cadence:string, Previous Nurture Cadence:string|760
123|Change Program Member Data|Program ID:integer|Attribute Display Name:string, Attribute Name:string, Campaign:string, New Value:string, Old Value:string, Reason:string, Source:string|760
145|Push Lead to Marketo|Program ID:integer|API Method Name:string, Campaign:string, Modifying User:string, Reason:string, Request Id:string, Source:string|760
155|Execute Campaign|Campaign ID:integer|Campaign Run ID:integer, Qualified:boolean, Used Parent Campaign Token Context:boolean, Tokens:string|760
100001|Add to Car|Car:string|Marketo GUID:string, Brand:string|760
100002|Attended Plant Tour|Plant:string|Guide:string, Visitors:integer, Rating:float|760
100003|Salesforce Activity|Salesforce Id:string|Change:string, Kind:string, Subject:string, Status:string, Priority:string, Type:string, Due Date:date|760
`

var (
	allTypes  []*activityType
	typesByID = map[int]*activityType{}
)

// The table is read once, when the program starts.
func init() {
	for line := range strings.SplitSeq(strings.TrimSpace(typeTable), "\n") {
		parts := strings.Split(line, "|")
		id, err := strconv.Atoi(parts[0])
		if err != nil {
			panic(err) // the table is a constant
		}
		t := &activityType{id: id, name: parts[1], native: strings.HasSuffix(parts[4], "n")}
		if t.retention, err = strconv.Atoi(strings.TrimSuffix(parts[4], "n")); err != nil {
			panic(err)
		}
		t.about = "Person: " + t.name
		if name, kind, ok := strings.Cut(parts[2], ":"); ok {
			t.primary = [2]string{name, kind}
		}
		if parts[3] != "" {
			for one := range strings.SplitSeq(parts[3], ", ") {
				name, kind, _ := strings.Cut(one, ":")
				t.attributes = append(t.attributes, [2]string{name, kind})
				if _, known := attrNumberz[name]; !known {
					attrNumberz[name] = attrName(len(attrNames))
					attrNames = append(attrNames, name)
				}
			}
		}
		allTypes = append(allTypes, t)
		typesByID[id] = t
	}
}

// text makes an attribute; an empty text makes none that is shown.
func text(name, value string) attr { return attr{name: attrOf(name), kind: attrText, text: value} }

// common makes an attribute whose text many activities share.
func common(name, value string) attr { return attr{name: attrOf(name), kind: attrShared, text: value} }

func number(name string, value int64) attr {
	return attr{name: attrOf(name), kind: attrNumber, num: value}
}

func flag(name string, value bool) attr {
	if value {
		return attr{name: attrOf(name), kind: attrTrue}
	}
	return attr{name: attrOf(name), kind: attrFalse}
}

// appendActivity appends one activity as activities.json writes it.
func (i *Instance) appendActivity(b []byte, pos int, a *activity) []byte {
	b = i.appendActivityHead(b, pos, a)
	b = append(b, `,"primaryAttributeValueId":`...)
	if a.primary == 0 {
		b = append(b, "null"...)
	} else {
		b = strconv.AppendInt(b, a.primary, 10)
	}
	if text := i.primaryText(a); text != "" {
		b = appendMember(b, ",", "primaryAttributeValue", text)
	}
	b = append(b, `,"attributes":[`...)
	n := 0
	for _, at := range a.attrs {
		if at.kind == attrText && at.text == "" && at.name != attrOf("New Value") {
			continue // an attribute whose value is empty is usually left out
		}
		if n++; n > 1 {
			b = append(b, ',')
		}
		b = appendMember(append(b, '{'), "", "name", at.label())
		b = append(at.appendValue(append(b, `,"value":`...)), '}')
	}
	return append(b, `]}`...)
}

// primaryText is the primary attribute as it reads today: a field shows its present label.
func (i *Instance) primaryText(a *activity) string {
	if a.kind == typeChangeDataValue || a.kind == typeChangeScore {
		if f := i.schema.byID[int(a.primary)]; f != nil {
			return f.label
		}
	}
	return a.text
}

func (a attr) label() string {
	if a.name == attrGiven {
		return a.given
	}
	return attrNames[a.name]
}

// appendValue appends the value in its JSON type; an emptied field's new value is null.
func (a attr) appendValue(b []byte) []byte {
	switch a.kind {
	case attrText, attrShared:
		if a.text == "" {
			return append(b, "null"...)
		}
		return appendText(b, a.text)
	case attrNumber:
		return strconv.AppendInt(b, a.num, 10)
	case attrTrue:
		return append(b, "true"...)
	case attrFalse:
		return append(b, "false"...)
	case attrNumbers:
		b = append(b, '[')
		for n, v := range a.nums {
			if n > 0 {
				b = append(b, ',')
			}
			b = strconv.AppendUint(b, v, 10)
		}
		return append(b, ']')
	}
	return append(b, "null"...)
}

// firstActivity is the id of the oldest activity: ids do not fit 32 bits.
const firstActivity = 5_000_000_000

func activityID(pos int) int64 { return firstActivity + int64(pos) }

func (i *Instance) appendActivityHead(b []byte, pos int, a *activity) []byte {
	b = strconv.AppendInt(append(b, `{"id":`...), activityID(pos), 10)
	b = strconv.AppendInt(append(b, `,"marketoGUID":"`...), activityID(pos), 10)
	b = strconv.AppendUint(append(b, `","leadId":`...), a.lead, 10)
	b = appendTime(append(b, `,"activityDate":`...), unixTime(a.at))
	b = strconv.AppendInt(append(b, `,"activityTypeId":`...), int64(a.kind), 10)
	if a.campaign != 0 {
		b = strconv.AppendInt(append(b, `,"campaignId":`...), int64(a.campaign), 10)
	}
	return b
}
