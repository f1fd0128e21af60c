package instance

import (
	"net/http"
	"strings"
)

// route is one operation.
type route struct {
	endpoint string // as the journal names it
	needs    permission
	writes   bool // its content could change data
	json     bool // it takes a JSON body
	upload   bool // it takes a file
	bulk     bool // its answers are never compressed
	serve    func(*call) error
}

// node is a place in the tree of paths.
type node struct {
	next    map[string]*node
	any     *node // {id}
	methods map[string]*route
}

// find walks to a path. The last segment ends in ".json"; an empty segment, which a doubled slash makes, leads nowhere.
func (n *node) find(p string) (*node, []string) {
	p, ok := strings.CutSuffix(p, ".json")
	if !ok || !strings.HasPrefix(p, "/") {
		return nil, nil
	}
	var vars []string
	for segment := range strings.SplitSeq(p[1:], "/") {
		next := n.next[segment]
		if next == nil {
			if next = n.any; next == nil || segment == "" {
				return nil, nil
			}
			vars = append(vars, segment)
		}
		n = next
	}
	if n.methods == nil {
		return nil, nil
	}
	return n, vars
}

// add puts an operation into the tree.
func (n *node) add(method, pattern string, r *route) {
	for segment := range strings.SplitSeq(strings.TrimPrefix(pattern, "/"), "/") {
		next := n.next[segment]
		if segment == "{id}" {
			next = n.any
		}
		if next == nil {
			next = &node{next: map[string]*node{}}
			if segment == "{id}" {
				n.any = next
			} else {
				n.next[segment] = next
			}
		}
		n = next
	}
	if n.methods == nil {
		n.methods = map[string]*route{}
	}
	short := strings.TrimPrefix(strings.TrimPrefix(strings.TrimPrefix(pattern, "/rest/v1"), "/rest"), "/bulk/v1")
	if strings.HasPrefix(pattern, "/bulk") {
		short, r.bulk = "/bulk"+short, true
	}
	r.endpoint = method + " " + short + ".json"
	n.methods[method] = r
}

// table lists every operation of the imitation.
func (i *Instance) table() *node {
	root := &node{next: map[string]*node{}}
	get := func(path string, needs permission, h func(*call) error) {
		root.add(http.MethodGet, path, &route{needs: needs, serve: h})
	}
	post := func(path string, needs permission, h func(*call) error) {
		root.add(http.MethodPost, path, &route{needs: needs, writes: true, json: true, serve: h})
	}
	form := func(path string, needs permission, h func(*call) error) {
		root.add(http.MethodPost, path, &route{needs: needs, writes: true, serve: h})
	}
	i.leadRoutes(get, post, form)
	i.activityRoutes(get, post)
	i.objectRoutes(get, post)
	i.listRoutes(root, get, post, form)
	i.programRoutes(get, post)
	i.assetRoutes(get, form)
	i.campaignRoutes(get, post)
	i.bulkRoutes(root, get)
	get("/rest/v1/stats/usage", 0, statsUsage(1))
	get("/rest/v1/stats/usage/last7days", 0, statsUsage(7))
	get("/rest/v1/stats/errors", 0, statsErrors(1))
	get("/rest/v1/stats/errors/last7days", 0, statsErrors(7))
	return root
}

// adder registers an operation.
type adder = func(path string, needs permission, h func(*call) error)

func (i *Instance) leadRoutes(get, post, form adder) {
	get("/rest/v1/leads/describe", readLead, describeLeads)
	get("/rest/v1/leads/describe2", readLead, describeLeads2)
	get("/rest/v1/leads/schema/fields", schemaField, leadFields)
	post("/rest/v1/leads/schema/fields", schemaField, createLeadFields)
	get("/rest/v1/leads/schema/fields/{id}", schemaField, leadField)
	post("/rest/v1/leads/schema/fields/{id}", schemaField, changeLeadField)
	get("/rest/v1/lead/{id}", readLead, leadByID)
	get("/rest/v1/leads", readLead, leadsByFilter)
	post("/rest/v1/leads", writeLead, syncLeads)
	form("/rest/v1/leads/delete", writeLead, deleteLeads)
	form("/rest/v1/leads/{id}/merge", writeLead, mergeLeads)
	post("/rest/v1/leads/push", writeLead, pushLeads)
	get("/rest/v1/leads/partitions", readLead, leadPartitions)
	post("/rest/v1/leads/partitions", writeLead, changePartitions)
	get("/rest/v1/leads/{id}/listMembership", readAsset, listMembership)
	get("/rest/v1/leads/{id}/programMembership", readAsset, programMembership)
	get("/rest/v1/leads/{id}/smartCampaignMembership", readAsset, campaignMembership)
}

func (i *Instance) activityRoutes(get, post adder) {
	get("/rest/v1/activities/types", readActivity, activityTypes)
	get("/rest/v1/activities/pagingtoken", readActivity, pagingToken)
	get("/rest/v1/activities", readActivity, activities)
	get("/rest/v1/activities/leadchanges", readActivity, leadChanges)
	get("/rest/v1/activities/deletedleads", readActivity, deletedLeads)
	post("/rest/v1/activities/external", writeActivity, addActivities)
	get("/rest/v1/activities/external/types", readActivity|readActivityMeta, customActivityTypes)
	get("/rest/v1/activities/external/type/{id}/describe", readActivity|readActivityMeta, customActivityType)
}
