package people

import "strings"

// What the imitated org offers in its picklists; the instance takes any text.
var (
	industries = []string{
		"Agriculture", "Apparel", "Banking", "Biotechnology", "Chemicals", "Communications", "Construction", "Consulting",
		"Education", "Electronics", "Energy", "Engineering", "Entertainment", "Environmental", "Finance", "Food & Beverage",
		"Government", "Healthcare", "Hospitality", "Insurance", "Machinery", "Manufacturing", "Media", "Not For Profit",
		"Recreation", "Retail", "Shipping", "Technology", "Telecommunications", "Transportation", "Utilities", "Other",
	}
	leadSources  = []string{"Web", "Phone Inquiry", "Partner Referral", "Purchased List", "Other"}
	ratings      = []string{"Hot", "Warm", "Cold"}
	leadStatuses = []string{"Open - Not Contacted", "Open - Not Contacted", "Working - Contacted", "Working - Contacted", "Closed - Not Converted"}
	segments     = []string{"Enterprise", "Mid-Market", "Small Business", "Partner"}
	accountTypes = []string{
		"Prospect", "Prospect", "Customer - Direct", "Customer - Direct", "Customer - Channel", "Channel Partner / Reseller",
		"Installation Partner", "Technology Partner", "Other",
	}
	stages = []struct {
		name, probability string
		open              bool
	}{
		{"Prospecting", "10", true}, {"Qualification", "10", true}, {"Needs Analysis", "20", true},
		{"Value Proposition", "50", true}, {"Id. Decision Makers", "60", true}, {"Perception Analysis", "70", true},
		{"Proposal/Price Quote", "75", true}, {"Negotiation/Review", "90", true}, {"Closed Won", "100", false},
		{"Closed Won", "100", false}, {"Closed Lost", "0", false},
	}
	roles       = []string{"Decision Maker", "Economic Buyer", "Technical Buyer", "Influencer", "Evaluator", "Executive Sponsor", "Business User", "Other"}
	departments = []string{
		"Marketing", "Sales", "Finance", "IT", "Information Technology", "Human Resources", "HR", "Operations", "Legal",
		"R&D", "Procurement", "Customer Service", "Engineering", "Einkauf", "Vertrieb", "Ventes", "営業部", "Geschäftsleitung",
	}
	mailboxes = []string{"info", "sales", "office", "contact", "marketing", "hello", "accounts.payable", "support", "noreply", "webmaster"}
	// unknownSegments are values that the org's restricted picklist does not have.
	unknownSegments = []string{"SMB", "Key Account", "enterprise (EMEA)", "Mid Market 2019"}
	notes           = []string{
		"Met at the trade show, asked for a call back.", "Prefers e-mail.", "Do not call before 10.", "Interested in the annual plan.",
		"Left a voicemail.\r\nCalled again on Friday.", "Wants a quote for 25 seats;\nneeds it by the end of the quarter.",
		"Speaks French and German.", "Referred by a partner – see the thread of 12/03.", "Budget approved ✔", "Asked twice about \"on premise\".",
		"Bitte nur schriftlich kontaktieren.", "<b>Important</b> customer & friend of the CEO", "100% sure, 50/50 on price", "\tImported from the old CRM\n",
	}
	campaignTypes  = []string{"Conference", "Webinar", "Trade Show", "Email", "Advertisement", "Telemarketing", "Other"}
	campaignThemes = []string{
		"Spring Launch", "Customer Summit", "Product Webinar", "Newsletter", "Roadshow", "Partner Day", "Year-End Offer",
		"Onboarding", "Win-Back", "Case Study: Logistics", "Messe Hannover", "Salon de l'Énergie", "新製品発表会",
	}
	campaignStatuses = []string{"Planned", "In Progress", "Completed", "Completed", "Aborted"}
	sourceTypes      = []string{"Web form fill", "List import", "List import", "Web page visit", "API", "New person"}
)

// jobs are the usual job titles: every level with every field, and those that stand alone.
var jobs = func() []string {
	levels := strings.Split("Director of |Head of |VP |Senior Manager, |Manager, |Specialist |Coordinator, |SVP, |Assistant to the Head of |Interim Lead ", "|")
	fields := strings.Split("Marketing|Sales|Finance|IT|Operations|Human Resources|Product|Customer Success|Engineering|Procurement|Legal|Demand Generation|Data & Analytics|R&D|Facilities", "|")
	var all []string
	for _, level := range levels {
		for _, field := range fields {
			all = append(all, level+field)
		}
	}
	for i := range 8 { // those that stand alone are common
		all = append(all, strings.Split("CEO|CTO|CFO|CMO|Owner|Founder|Managing Director|Software Engineer|Account Executive|Consultant|"+
			"Office Manager|Buyer|Analyst|Partner|Founder & CEO|Marketing Manager|Sales Representative|Student|Retired|n/a", "|")...)
		if i == 0 {
			all = append(all, strings.Split("Geschäftsführer|Geschäftsführerin|Leiter Einkauf|Directeur général|Responsable marketing|"+
				"Directrice des ventes|代表取締役社長|営業部長|总经理|市场部经理|대표이사|Генеральный директор|Директор з маркетингу|"+
				"مدير التسويق|מנהלת שיווק|निदेशक|Διευθυντής Πωλήσεων|Diretor Comercial|Jefa de Compras|🚀 Growth Lead|Chief ✨ Officer", "|")...)
		}
	}
	return all
}()

var (
	firmFirst = strings.Fields("Kade Northwind Blue Granite Cedar Harbor Summit Lumen Orion Verdant Iron Silver Falcon Delta Nova " +
		"Maple Quarry Atlas Meridian Copper River Stone Bright Anchor Polar Velvet Amber Crest Pioneer Willow Zenith Ember Cobalt Aurora Lotus Sakura Baltic Alpine Sahara Pampas")
	firmSecond = strings.Fields("Logistics Foods Systems Health Energy Textiles Software Bank Media Labs Motors Partners Trading Works " +
		"Consulting Studios Pharma Robotics Travel Insurance Paper Chemicals Networks Farms Tools Design Education Optics Shipping Timber")
)
