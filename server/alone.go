package server

import "net/http"

// alone answers with a page that is made for one reader, with scripts, and not kept:
// in its turn, so that many of them do not take the machine from the others. Nobody
// who reads slowly has a turn.
func (p *site) alone(build func(*visit) (view, error), with ...string) handler {
	return p.public(func(v *visit, w http.ResponseWriter) error {
		v.begin(w, with)
		body, err := v.inTurn(build)
		if err != nil {
			return err
		}
		return body.serve(w, v.r, htmlType)
	})
}

func (v *visit) inTurn(build func(*visit) (view, error)) (sent, error) {
	if err := v.dear.enter(v.ctx); err != nil {
		return sent{}, err
	}
	defer v.dear.leave()
	page, err := build(v)
	if err != nil {
		return sent{}, err
	}
	body, err := laidOut(page.template, page.data)
	if err != nil {
		return sent{}, err
	}
	taken := coding(v.r.Header.Get("Accept-Encoding"))
	if v.rehearsal() {
		taken = "" // staff read it: see serveTagged
	}
	return encode(taken, htmlType, body, false), nil
}
