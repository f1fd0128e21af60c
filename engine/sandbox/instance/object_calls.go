package instance

import "slices"

func (i *Instance) objectRoutes(get, post adder) {
	for _, key := range []string{"company", "opportunity", "role", "salesperson"} {
		o := i.objects[key]
		get("/rest/v1/"+o.path+"/describe", o.read, onObject(o, false, describeObject))
		get("/rest/v1/"+o.path, o.read, onObject(o, false, readObject))
		post("/rest/v1/"+o.path, o.write, onObject(o, true, syncObject))
		post("/rest/v1/"+o.path+"/delete", o.write, onObject(o, true, deleteObject))
	}
	for _, key := range []string{"company", "opportunity"} {
		o := i.objects[key]
		get("/rest/v1/"+o.path+"/schema/fields", schemaField, onObject(o, false, objectFields))
		get("/rest/v1/"+o.path+"/schema/fields/{id}", schemaField, onObject(o, false, objectField))
	}
	get("/rest/v1/customobjects", readCustomObject, customObjects)
	get("/rest/v1/customobjects/{id}/describe", readCustomObject, onCustom(false, describeObject))
	get("/rest/v1/customobjects/{id}", readCustomObject, onCustom(false, readObject))
	post("/rest/v1/customobjects/{id}", writeCustomObject, onCustom(true, syncObject))
	post("/rest/v1/customobjects/{id}/delete", writeCustomObject, onCustom(true, deleteObject))
}

type objectCall = func(*call, *object) error

func onObject(o *object, write bool, h objectCall) func(*call) error {
	return func(c *call) error {
		if err := o.underCRM(c.i, write); err != nil {
			return err
		}
		return h(c, o)
	}
}

func onCustom(write bool, h objectCall) func(*call) error {
	return func(c *call) error {
		o := c.i.objects[c.vars[0]]
		if o == nil || !o.custom {
			return fail(1013, "Object '"+c.vars[0]+"' not found")
		}
		return onObject(o, write, h)(c)
	}
}

func describeObject(c *call, o *object) error {
	c.element()
	c.buf = o.describe(c.buf, true)
	return nil
}

func customObjects(c *call) error {
	names := slices.Collect(splitIDs(c.q["names"]))
	for _, key := range customNames {
		if len(names) == 0 || slices.Contains(names, key) {
			c.element()
			c.buf = c.i.objects[key].describe(c.buf, false)
		}
	}
	return nil
}
