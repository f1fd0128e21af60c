package org

// defineSetup makes the objects that say who works in the org and what they may do. They are read only.
func (o *Org) defineSetup() {
	name := func(length int) *field { return text("Name", "Name", length).required().naming() }
	o.define("Organization", "Organization", "Organizations", "00D", setup, join(
		[]*field{
			idField("Organization"), name(80), text("OrganizationType", "Edition", 40), checkbox("IsSandbox", "Is Sandbox"),
			text("InstanceName", "Instance Name", 5), text("NamespacePrefix", "Namespace Prefix", 15),
			text("LanguageLocaleKey", "Language", 40), text("TimeZoneSidKey", "Time Zone", 40),
			text("DefaultLocaleSidKey", "Locale", 40), datetime("TrialExpirationDate", "Trial Expiration Date"),
		}, tail(),
	))
	o.define("UserLicense", "User License", "User Licenses", "100", setup, []*field{
		idField("User License"), name(40), text("LicenseDefinitionKey", "License Def. ID", 40), text("Status", "Status", 40),
	})
	o.define("Profile", "Profile", "Profiles", "00e", setup, join([]*field{
		idField("Profile"), name(255), reference("UserLicenseId", "User License ID", "UserLicense", "UserLicense"),
		text("UserType", "User Type", 40),
	}, tail()))
	o.define("User", "User", "Users", "005", objectFlags{updateable: true, replicateable: true, triggerable: true}, join([]*field{
		idField("User"), text("Username", "Username", 80).lookup(), text("LastName", "Last Name", 80),
		text("FirstName", "First Name", 40), text("Name", "Full Name", 121).naming(), text("Title", "Title", 80),
		email("Email", "Email").searched(), phone("Phone", "Phone"), text("Alias", "Alias", 8), checkbox("IsActive", "Active"),
		text("UserType", "User Type", 40), reference("ProfileId", "Profile ID", "Profile", "Profile"),
		checkbox("UserPermissionsMarketingUser", "Marketing User"), text("LanguageLocaleKey", "Language", 40),
		text("LocaleSidKey", "Locale", 40), text("TimeZoneSidKey", "Time Zone", 40),
	}, tail()))
	o.define("Group", "Group", "Groups", "00G", setup, join([]*field{
		idField("Group"), name(40), text("DeveloperName", "Developer Name", 80), text("Type", "Type", 40), email("Email", "Email"),
	}, tail()))
	o.define("RecordType", "Record Type", "Record Types", "012", setup, join([]*field{
		idField("Record Type"), name(80), text("DeveloperName", "Record Type Name", 80),
		text("SobjectType", "SObject Type Name", 40), checkbox("IsActive", "Active"),
	}, tail()))
	o.define("PermissionSet", "Permission Set", "Permission Sets", "0PS", setup, join([]*field{
		idField("Permission Set"), name(80), text("Label", "Permission Set Label", 80), reference("ProfileId", "Profile ID", "Profile", "Profile").searched(),
		checkbox("IsOwnedByProfile", "Is Owned By Profile"), checkbox("PermissionsApiEnabled", "API Enabled"),
		checkbox("PermissionsApiUserOnly", "Api Only User"), checkbox("PermissionsViewAllData", "View All Data"),
		checkbox("PermissionsModifyAllData", "Modify All Data"), checkbox("PermissionsViewSetup", "View Setup and Configuration"),
		checkbox("PermissionsBulkApiHardDelete", "Bulk API Hard Delete"),
		checkbox("PermissionsConvertLeads", "Convert Leads"), checkbox("PermissionsEditTask", "Edit Tasks"),
	}, tail()))
	o.define("PermissionSetAssignment", "Permission Set Assignment", "Permission Set Assignments", "0Pa", setup, []*field{
		idField("Assignment"), reference("AssigneeId", "Assignee ID", "Assignee", "User").searched(),
		reference("PermissionSetId", "Permission Set ID", "PermissionSet", "PermissionSet").searched(),
		text("PermissionSetGroupId", "Permission Set Group ID", 18), datetime("SystemModstamp", "System Modstamp"),
	})
	o.define("ObjectPermissions", "Object Permissions", "Object Permissions", "110", setup, join([]*field{
		idField("Object Permissions"), reference("ParentId", "Parent ID", "Parent", "PermissionSet").searched(),
		text("SobjectType", "SObject Type Name", 40), checkbox("PermissionsRead", "Read Records"),
		checkbox("PermissionsCreate", "Create Records"), checkbox("PermissionsEdit", "Edit Records"),
		checkbox("PermissionsDelete", "Delete Records"), checkbox("PermissionsViewAllRecords", "Read All Records"),
		checkbox("PermissionsModifyAllRecords", "Edit All Records"),
	}, tail()))
	o.define("FieldPermissions", "Field Permissions", "Field Permissions", "01k", setup, join([]*field{
		idField("Field Permissions"), reference("ParentId", "Parent ID", "Parent", "PermissionSet").searched(),
		text("SobjectType", "SObject Type Name", 40), text("Field", "Field Name", 255),
		checkbox("PermissionsEdit", "Edit Field"), checkbox("PermissionsRead", "Read Field"),
	}, tail()))
}
