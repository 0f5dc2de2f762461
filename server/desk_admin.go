package server

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"vestnik/documents/lang"
)

type staffPage struct {
	page
	Saved, Link string
	People      []personRow
	Fields      []*field
	Roles       []*field
	MayChange   bool
}

type personRow struct {
	Name, Address, Roles string
	Disabled             bool
	Acts                 []act
}

func (v *shift) staffPage() (*staffPage, error) {
	list, err := v.Store.StaffList(v.ctx)
	if err != nil {
		return nil, err
	}
	p := &staffPage{page: v.page(v.w.T("staff")), MayChange: may(v.by, "administrator")}
	for _, one := range list {
		row := personRow{Name: or(one.Name, one.Address), Address: one.Address, Disabled: one.Disabled}
		var roles []string
		for _, r := range one.Roles {
			roles = append(roles, v.w.T("role-short-"+r))
		}
		row.Roles = strings.Join(roles, ", ")
		if p.MayChange && !one.Disabled {
			path := v.base() + "/desk/staff/" + one.ID + "/"
			row.Acts = []act{{Action: path + "link", Submit: v.w.T("make-link"), Title: row.Name}}
			if one.ID != v.who.ID {
				row.Acts = append(row.Acts, act{Action: path + "disable", Submit: v.w.T("disable"), Title: row.Name})
			}
		}
		p.People = append(p.People, row)
	}
	v.inviteFields(p)
	return p, nil
}

func (v *shift) inviteFields(p *staffPage) {
	language := &field{ID: "language", Name: "language", Kind: "select", Label: v.w.T("desk-language")}
	for _, tag := range lang.Interface {
		language.Options = append(language.Options, link{Value: tag, Text: lang.Name(tag), Current: tag == or(v.line("language"), v.w.Lang)})
	}
	p.Fields = []*field{
		{ID: "address", Name: "address", Label: v.w.T("address"), Type: "email", Value: v.line("address"), Autocomplete: "off"},
		{ID: "name", Name: "name", Label: v.w.T("name-of-person"), Value: v.line("name"), Autocomplete: "off"},
		language,
	}
	for _, r := range Roles() {
		p.Roles = append(p.Roles, &field{ID: "role-" + r, Name: "roles", Kind: "checkbox", Label: v.w.T("role-" + r), Value: r, On: slices.Contains(v.r.PostForm["roles"], r)})
	}
}

func (d desk) showStaff(v *shift) error {
	p, err := v.staffPage()
	if err != nil {
		return err
	}
	if v.r.URL.Query().Has("saved") {
		p.Saved = v.w.T("saved-plain")
	}
	return v.show("desk-staff.html", p)
}

func (d desk) inviteStaff(v *shift) error {
	_, err := d.invite(v.ctx, Invitation{Address: v.line("address"), Name: v.line("name"), Language: v.line("language"), Roles: v.r.PostForm["roles"]}, v.by)
	if err != nil {
		return v.staffRefused(err)
	}
	return v.to("/desk/staff?saved=1")
}

func (v *shift) staffRefused(err error) error {
	p, buildErr := v.staffPage()
	if buildErr != nil {
		return buildErr
	}
	if !v.refused(&p.page, err, p.Fields...) {
		return err
	}
	return v.showAs(status(err), "desk-staff.html", p)
}

// changeStaff shuts somebody out, or makes a link that is shown once, to be
// handed over in person.
func (d desk) changeStaff(v *shift) error {
	id := v.r.PathValue("id")
	switch v.r.PathValue("act") {
	case "disable":
		if _, err := d.disable(v.ctx, id, v.by); err != nil {
			return v.staffRefused(err)
		}
		return v.to("/desk/staff?saved=1")
	case "link":
		made, _, err := d.staffLink(v.ctx, id, v.by)
		if err != nil {
			return v.staffRefused(err)
		}
		p, err := v.staffPage()
		if err != nil {
			return err
		}
		p.Saved, p.Link, p.Private = v.w.T("link-made", "name", v.person(id)), made, true
		return v.show("desk-staff.html", p)
	}
	return errNoPage
}

type auditPage struct {
	page
	Entries []auditRow
	Next    string
}

type auditRow struct {
	Time, When, By, What, On string
	Lines                    []string
}

const auditMost = 100

func (d desk) showAudit(v *shift) error {
	before, _ := strconv.ParseInt(v.r.URL.Query().Get("before"), 10, 64)
	list, err := d.Store.Audits(v.ctx, before, auditMost)
	if err != nil {
		return err
	}
	p := &auditPage{page: v.page(v.w.T("audit"))}
	names := map[string]string{"local": v.w.T("audit-local")}
	for _, a := range list {
		if names[a.By] == "" {
			names[a.By] = v.person(a.By)
		}
		p.Entries = append(p.Entries, v.auditRow(a, names))
	}
	if len(list) == auditMost {
		p.Next = fmt.Sprintf("%s/desk/audit?before=%d", v.base(), list[len(list)-1].ID)
	}
	return v.show("desk-audit.html", p)
}

func (v *shift) auditRow(a AuditEntry, names map[string]string) auditRow {
	at := a.At.In(v.zone)
	row := auditRow{Time: at.Format(time.RFC3339), When: lang.Moment(v.w.Lang, at), By: names[a.By], What: a.What, On: a.On}
	if key := "did-" + a.What; v.w.Has(key) {
		row.What = v.w.T(key)
	}
	if strings.HasPrefix(a.On, "s-") {
		row.On = v.person(a.On)
	}
	for _, k := range sortedKeys(a.More) {
		row.Lines = append(row.Lines, v.auditDetail(k, a.More[k]))
	}
	return row
}

// auditDetail says in words what an entry holds besides.
func (v *shift) auditDetail(key, value string) string {
	if key == "roles" || key == "role" {
		roles := strings.Fields(value)
		for i, r := range roles {
			roles[i] = v.w.T("role-short-" + r)
		}
		value = strings.Join(roles, ", ")
	}
	for _, name := range []string{"audit-" + key, "setting-" + key} {
		if v.w.Has(name) {
			key = v.w.T(name)
			break
		}
	}
	return key + ": " + or(value, "—")
}

func splitTags(tags string) []string {
	if tags == "" {
		return nil
	}
	return strings.Split(tags, "+")
}
