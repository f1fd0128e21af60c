package app

import "github.com/doppio-sync/doppio/engine/sandbox/org"

// lives are the stories, by what happens in them.
func lives() map[string]tale {
	return map[string]tale{
		"converted":                    {acts: []func(*life){func(l *life) { l.convert(org.Conversion{}) }}},
		"converted without an address": {nameless: true, acts: []func(*life){func(l *life) { l.convert(org.Conversion{}) }}},
		"converted, and edited in Marketo before": {acts: []func(*life){func(l *life) {
			l.setPerson(l.person, "title", "Promoted")
			l.values["title"] = "Promoted"
			l.convert(org.Conversion{})
		}}},
		"converted, and edited in Salesforce before": {acts: []func(*life){func(l *life) {
			l.set(l.lead, "Title", "Promoted")
			l.values["title"] = "Promoted"
			l.convert(org.Conversion{})
		}}},
		"converted, and the contact edited": {acts: []func(*life){func(l *life) {
			l.convert(org.Conversion{})
			l.set(l.record, "Department", "Sales")
			l.values["department"] = "Sales"
		}}},
		"converted into a contact that is new": {acts: []func(*life){func(l *life) {
			account := l.make("Account", map[string]string{"Name": "Firm of " + l.name})
			contact := l.make("Contact", map[string]string{"LastName": l.name, "AccountId": account, "Department": "Legal"})
			l.values["department"] = "Legal"
			l.convert(org.Conversion{Account: account, Contact: contact})
		}}},
		"converted into a contact with a person of its own": {second: "Contact", acts: []func(*life){
			func(l *life) {
				account, _ := l.salesforce(l.other, "AccountId")
				l.convert(org.Conversion{Account: account, Contact: l.other})
			},
			func(l *life) {
				l.decide(Decision{Merge: true})
				l.ids, l.is = append(l.ids, l.is), l.fellow
			},
		}},
		"merged into a lead that is new": {acts: []func(*life){func(l *life) { l.mergeInto(l.rival("new")) }}},
		"merged into a lead that is new, with an edit on its way": {acts: []func(*life){func(l *life) {
			l.setPerson(l.person, "title", "Promoted")
			l.values["title"] = "Promoted"
			l.mergeInto(l.rival("new"))
		}}},
		"merged into a lead with a person of its own, merged in Marketo by hand": {second: "Lead", acts: []func(*life){
			func(l *life) { l.mergeInto(l.other) },
			func(l *life) { l.mergePersonInto(l.fellow) },
		}},
		"merged into a lead with a person of its own, the other way round in Marketo": {second: "Lead", acts: []func(*life){
			func(l *life) { l.mergeInto(l.other) },
			func(l *life) {
				l.must(l.pair.Instance().Merge(l.person, l.fellow))
				l.ids = append(l.ids, l.fellow)
			},
		}},
		"merged in a chain at once": {acts: []func(*life){func(l *life) {
			second, third := l.rival("second"), l.rival("third")
			l.mergeInto(second)
			l.mergeInto(third)
			l.ids = nil // nobody ever saw the second one
		}}},
		"merged in a chain, one a cycle": {acts: []func(*life){
			func(l *life) { l.mergeInto(l.rival("second")) },
			func(l *life) { l.mergeInto(l.rival("third")) },
			func(l *life) { l.convert(org.Conversion{}) },
		}},
		"merged and converted at once": {acts: []func(*life){func(l *life) {
			l.mergeInto(l.rival("second"))
			l.convert(org.Conversion{})
			l.ids = nil
		}}},
		"converted and the contact merged at once": {acts: []func(*life){func(l *life) {
			l.convert(org.Conversion{})
			account, _ := l.salesforce(l.record, "AccountId")
			l.mergeInto(l.make("Contact", map[string]string{"LastName": l.name + "c", "AccountId": account}))
			l.ids = nil
		}}},
		"merged in Marketo into a person who is new": {acts: []func(*life){func(l *life) { l.mergePersonInto(l.stranger("new")) }}},
		"merged in Marketo in a chain at once": {acts: []func(*life){func(l *life) {
			second, third := l.stranger("second"), l.stranger("third")
			l.mergePersonInto(second)
			l.mergePersonInto(third)
			l.ids = nil
		}}},
		"merged in Marketo in a chain, one a cycle": {acts: []func(*life){
			func(l *life) { l.mergePersonInto(l.stranger("second")) },
			func(l *life) { l.mergePersonInto(l.stranger("third")) },
		}},
		"merged in Marketo with a linked person, then in Salesforce": {second: "Lead", acts: []func(*life){
			func(l *life) { l.mergePersonInto(l.fellow) },
			func(l *life) { l.mergeInto(l.other) },
		}},
		"deleted and taken back": {acts: []func(*life){
			func(l *life) { l.must(l.pair.Org().Delete(l.lead)) },
			func(l *life) { l.must(l.pair.Org().Undelete(l.lead)) },
		}},
		"deleted and taken back, edited in Marketo meanwhile": {acts: []func(*life){
			func(l *life) { l.must(l.pair.Org().Delete(l.lead)) },
			func(l *life) { l.setPerson(l.person, "title", "Promoted"); l.values["title"] = "Promoted" },
			func(l *life) { l.must(l.pair.Org().Undelete(l.lead)) },
		}},
		"deleted and taken back at once": {acts: []func(*life){func(l *life) {
			l.must(l.pair.Org().Delete(l.lead))
			l.must(l.pair.Org().Undelete(l.lead))
		}}},
		"deleted and entered again": {acts: []func(*life){
			func(l *life) { l.must(l.pair.Org().Delete(l.lead)) },
			func(l *life) {
				l.ids, l.record = append(l.ids, l.record), l.make("Lead", map[string]string{"LastName": l.name, "Company": "Lives GmbH", "Email": l.email})
			},
		}},
		"deleted in Marketo and entered there again": {acts: []func(*life){
			func(l *life) { l.must(l.pair.Instance().Delete(l.person)) },
			func(l *life) {
				l.ids, l.is = append(l.ids, l.is), l.makePerson(map[string]string{"lastName": l.name, "email": l.email})
			},
		}},
		"deleted in Marketo, and edited in Salesforce": {loose: true, acts: []func(*life){
			func(l *life) { l.must(l.pair.Instance().Delete(l.person)) },
			func(l *life) { l.set(l.lead, "Title", "Still here"); l.values["title"] = "Still here" },
		}},
	}
}
