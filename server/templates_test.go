package server

import (
	"io/fs"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"vestnik/web"
)

// pagesOf is what each template is executed with.
func pagesOf(p page) map[string]any {
	return map[string]any{
		"index.html": indexPage{page: p}, "document.html": &documentPage{page: p, Chooser: chooser{W: p.W}, Table: versionGroup{W: p.W}}, "versions.html": &versionsPage{page: p, Chooser: chooser{W: p.W}}, "compare.html": &comparePage{page: p, Chooser: chooser{W: p.W}}, "clause.html": &clausePage{page: p},
		"register.html": &registerPage{page: p}, "verify.html": &verifyPage{page: p}, "why.html": &whyPage{page: p}, "feed.html": feedContent{W: p.W}, "error.html": errorPage{page: p}, "embed.html": embedPage{W: p.W},
		"me.html": &mePage{page: p, Tongues: []meTongue{{W: p.W, Lang: p.Lang}}}, "me-act.html": &meActPage{page: p}, "me-sent.html": &meSentPage{page: p}, "me-receipt.html": &meReceiptPage{page: p}, "me-export.html": &meExportPage{page: p}, "me-mail.html": &meMailPage{page: p},
		"desk-signin.html": signInPage{page: p}, "desk-link.html": linkPage{page: p}, "desk-resume.html": resumePage{page: p}, "desk-kept.html": keptPage{page: p}, "desk-home.html": &homePage{page: p},
		"desk-new.html": &formPage{page: p}, "desk-document.html": &deskDocumentPage{page: p}, "desk-draft.html": emptyDraft(p), "desk-review.html": &reviewPage{page: p},
		"desk-notice.html": &noticePage{page: p}, "desk-mail.html": &deskMailPage{page: p}, "desk-requests.html": &requestsPage{page: p}, "desk-request.html": &requestPage{page: p}, "desk-settings.html": &settingsPage{formPage: formPage{page: p}}, "desk-staff.html": &staffPage{page: p},
		"desk-audit.html": &auditPage{page: p}, "mailbox.html": &mailboxPage{page: p}, "mail.html": &mailPage{page: p},
	}
}

func emptyDraft(p page) *draftPage {
	return &draftPage{page: p, Class: &field{}, Reason: &field{}, Effective: &field{}, Urgent: &field{}}
}

// Every template must say something sensible of nothing: a page with no
// documents, no versions, no mail, in each language.
func TestTemplatesWithNothing(t *testing.T) {
	shared := map[string]bool{"layout.html": true, "form.html": true}
	files, err := fs.Glob(web.Files, "templates/*.html")
	if err != nil {
		t.Fatal(err)
	}
	for _, tag := range []string{"ru", "kk", "en"} {
		w := catalogue.In(tag)
		pages := pagesOf(page{W: w, Lang: w.Lang, Dir: "ltr", Title: "x", Style: "/static/x.css"})
		for _, name := range files {
			name = strings.TrimPrefix(name, "templates/")
			data, ok := pages[name]
			if !ok {
				if !shared[name] {
					t.Errorf("%s is executed nowhere", name)
				}
				continue
			}
			body, err := execute(name, data)
			if err != nil {
				t.Errorf("%s: %v", name, err)
				continue
			}
			if _, err := html.Parse(strings.NewReader(string(body))); err != nil {
				t.Errorf("%s: %v", name, err)
			}
			if strings.Contains(string(body), "<no value>") || strings.Contains(string(body), "ZgotmplZ") || strings.Contains(string(body), ">[") {
				t.Errorf("%s in %s shows a hole:\n%s", name, tag, body)
			}
		}
	}
}
