package org

// made is what an admin may do with an object of the org's own.
var made = objectFlags{createable: true, updateable: true, deletable: true, undeletable: true, replicateable: true, triggerable: true, custom: true}

// defineCustom makes the org's own objects: what a person subscribes to, where an account works, and what stands there.
func (o *Org) defineCustom() {
	o.define("Subscription__c", "Subscription", "Subscriptions", "a00", made, join(
		head("Record"),
		[]*field{
			text("Name", "Subscription Name", 80).required().naming(),
			reference("Contact__c", "Contact", "Contact__r", "Contact").searched(),
			reference("Lead__c", "Lead", "Lead__r", "Lead").searched(),
			pick("Plan__c", "Plan", "Free", "Team", "Enterprise"), number("currency", "Annual_Fee__c", "Annual Fee", 16, 2),
			whole("Seats__c", "Seats", 6), date("Starts_On__c", "Starts On"), checkbox("Active__c", "Active"),
			owner("User"),
		},
		tail(),
	))
	o.define("Site__c", "Site", "Sites", "a01", made, join(
		head("Record"),
		[]*field{
			text("Name", "Site Name", 80).required().naming(),
			reference("Account__c", "Account", "Account__r", "Account").required().searched(),
			text("City__c", "City", 80), whole("Employees__c", "Employees", 8), datetime("Opened__c", "Opened"),
		},
		tail(),
	))
	o.define("Machine__c", "Machine", "Machines", "a02", made, join(
		head("Record"),
		[]*field{
			text("Name", "Machine Name", 80).required().naming(),
			reference("Site__c", "Site", "Site__r", "Site__c").required().searched(),
			text("Serial_Number__c", "Serial Number", 40), pick("Model__c", "Model", "Press", "Lathe", "Mill", "Robot"),
			number("double", "Hours__c", "Hours", 10, 1),
		},
		tail(),
	))
}
