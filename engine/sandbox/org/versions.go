package org

import (
	"net/http"
	"slices"
	"strconv"
)

// The API versions that this org serves: older ones ended in Summer '25.
const (
	oldestVersion = 31
	newestVersion = 68
)

// releaseName is a version's label: three a year, 31 is Summer '14.
func releaseName(version int) string {
	seasons := [...]string{"Winter", "Spring", "Summer"}
	n := version - 31 + 2 // counted from Winter '14
	return seasons[n%3] + " '" + strconv.Itoa(14+n/3)
}

// versions answers /services/data: no token, not counted.
func (o *Org) versions(c *call) {
	b := append(c.out.buf, '[')
	for v := oldestVersion; v <= newestVersion; v++ {
		if v > oldestVersion {
			b = append(b, ',')
		}
		number := strconv.Itoa(v) + ".0"
		b = append(b, '{')
		b = appendPair(b, "label", releaseName(v))
		b = append(b, ',')
		b = appendPair(b, "url", "/services/data/v"+number)
		b = append(b, ',')
		b = appendPair(b, "version", number)
		b = append(b, '}')
	}
	c.out.buf = append(b, ']')
	c.ok(http.StatusOK)
}

// resources answers vNN/: where everything is.
func (o *Org) resources(c *call) {
	if !c.allow(http.MethodGet) {
		return
	}
	c.out.buf = append(c.out.buf, '{')
	for _, name := range []string{
		"tooling", "metadata", "recent", "sobjects", "limits", "composite", "query", "queryAll", "search", "jobs",
	} {
		c.out.buf = appendPair(c.out.buf, name, c.href(name))
		c.out.buf = append(c.out.buf, ',')
	}
	c.out.buf = appendPair(c.out.buf, "identity", o.Base()+"/id/"+o.id+"/"+c.session.user)
	c.out.buf = append(c.out.buf, '}')
	c.ok(http.StatusOK)
}

// limits answers vNN/limits and vNN/limits/recordCount.
func (o *Org) limits(c *call, tail []string) {
	switch {
	case !c.allow(http.MethodGet):
		return
	case len(tail) > 0:
		o.recordCount(c)
		return
	case !c.rights.viewSetup:
		c.fail(fault1(http.StatusForbidden, "INSUFFICIENT_ACCESS", "insufficient access rights"))
		return
	}
	used, limit := o.quota.usage()
	entries := []struct {
		name           string
		max, remaining int
	}{
		{"AnalyticsExternalDataSizeMB", 40960, 40960},
		{"ConcurrentAsyncGetReportInstances", 200, 200},
		{"ConcurrentSyncReportRuns", 20, 20},
		{"DailyApiRequests", limit, max(0, limit-used)},
		{"DailyAsyncApexExecutions", 250000, 250000},
		{"DailyBulkApiBatches", dailyBatches, max(0, dailyBatches-o.bulk.batchesToday(o.clock.Now()))},
		{"DailyBulkV2QueryFileStorageMB", 976562, 976562},
		{"DailyBulkV2QueryJobs", dailyQueries, max(0, dailyQueries-o.bulk.queriesToday(o.clock.Now()))},
		{"DataStorageMB", 10240, 7800},
		{"FileStorageMB", 10240, 10100},
		{"HourlyODataCallout", 10000, 9999},
		{"PermissionSets", 1500, 1490},
		{"SingleEmail", 5000, 5000},
	}
	b := append(c.out.buf, '{')
	for i, e := range entries {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, `"`+e.name+`":{"Max":`...)
		b = strconv.AppendInt(b, int64(e.max), 10)
		b = append(b, `,"Remaining":`...)
		b = strconv.AppendInt(b, int64(e.remaining), 10)
		b = append(b, '}')
	}
	c.out.buf = append(b, '}')
	c.ok(http.StatusOK)
}

// recordCount answers how many rows objects have, whoever may see them.
func (o *Org) recordCount(c *call) {
	wanted := commaList(c.query.Get("sObjects"))
	type count struct {
		name string
		n    int
	}
	var counts []count
	o.view(c, func() {
		for _, obj := range o.objects {
			if obj.flags == setup || !c.rights.sees(obj) || obj.table.Len() == 0 {
				continue
			}
			if len(wanted) > 0 && !slices.ContainsFunc(wanted, obj.named) {
				continue
			}
			counts = append(counts, count{obj.name, obj.table.Len()})
		}
	})
	b := append(c.out.buf, `{"sObjects":[`...)
	for i, e := range counts {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, `{"count":`...)
		b = strconv.AppendInt(b, int64(e.n), 10)
		b = append(b, ',')
		b = appendPair(b, "name", e.name)
		b = append(b, '}')
	}
	c.out.buf = append(b, "]}"...)
	c.ok(http.StatusOK)
}
