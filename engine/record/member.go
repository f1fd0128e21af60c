package record

// What hangs on people, and travels with them.
const (
	Campaign       Object = "Campaign"
	CampaignMember Object = "CampaignMember" // Salesforce: a lead or a contact in a campaign
	Task           Object = "Task"
	Event          Object = "Event"
	ProgramMember  Object = "programMember" // Marketo: a person in a program
	Activity       Object = "activity"      // Marketo: a line of a person's log
)
