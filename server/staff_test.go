package server_test

import (
	"slices"
	"testing"

	"vestnik/server"
)

// staffed returns everybody who may act.
func staffed(t *testing.T, s server.Store) []server.Staff {
	t.Helper()
	list, err := s.StaffList(t.Context())
	must(t, err)
	return slices.DeleteFunc(list, func(one server.Staff) bool { return one.Disabled })
}

// Of two administrators who shut each other out at two nodes one stays.
func TestLastAdministratorOfTwoNodes(t *testing.T) {
	both, _, _ := twoNodes(t)
	names := [2]string{"a@example.kz", "b@example.kz"}
	for range 5 {
		for _, name := range names {
			call(t, both[0].socket.Client(), "POST", both[0].socket.URL+"/api/v1/staff", toJSON(t, map[string]any{"address": name, "roles": []string{"administrator"}}))
		}
		if n := len(staffed(t, both[0].store)); n != 2 {
			t.Fatalf("%d administrators begin", n)
		}
		together(both, func(i int, h *house) {
			call(t, h.socket.Client(), "POST", h.socket.URL+"/api/v1/staff/"+names[i]+"/disable", "")
		})
		if left := staffed(t, both[1].store); len(left) != 1 {
			t.Fatalf("left are %v", left)
		}
	}
}

// Of two who come first at two nodes one does; the same person twice is one.
func TestFirstOfStaffOfTwoNodes(t *testing.T) {
	both, _, _ := twoNodes(t)
	together(both, func(i int, h *house) {
		h.local("POST", "/staff", toJSON(t, map[string]string{"address": []string{"a@example.kz", "b@example.kz"}[i]})).want(201)
	})
	administrators := 0
	for _, one := range staffed(t, both[0].store) {
		if slices.Contains(one.Roles, "administrator") {
			administrators++
		}
	}
	if administrators != 1 {
		t.Fatalf("%d administrators were made", administrators)
	}
	answers := [2]int{}
	together(both, func(i int, h *house) {
		answers[i] = h.local("POST", "/staff", toJSON(t, map[string]string{"address": []string{"c@example.kz", "C@EXAMPLE.kz"}[i]})).status
	})
	if answers[0]+answers[1] != 201+422 {
		t.Fatalf("the same address got %v", answers)
	}
}

func TestTokenOfTwoNodes(t *testing.T) {
	both, _, _ := twoNodes(t)
	var made [2]struct{ Token string }
	answers := [2]int{}
	together(both, func(i int, h *house) {
		a := h.local("POST", "/tokens", `{"role":"auditor","name":"sync"}`)
		if answers[i] = a.status; a.status == 201 {
			a.want(201, &made[i])
		}
	})
	if answers[0]+answers[1] != 201+422 {
		t.Fatalf("one name got %v", answers)
	}
	token := made[0].Token + made[1].Token
	for _, h := range both {
		h.remote(token, "GET", "/notices", "").want(200)
	}
	both[0].local("DELETE", "/tokens/sync", "").want(204)
	both[1].remote(token, "GET", "/notices", "").refused(401, "unauthorized")
}

// What happens at one node holds at the other at once.
func TestSignedInAtTwoNodes(t *testing.T) {
	t.Parallel()
	both, _, _ := twoNodes(t)
	both[0].invite("admin@example.kz", "administrator")
	id, link := both[0].invite("second@example.kz", "administrator")
	secret := link[len(both[0].tcp.URL):]
	b := both[1].browser()
	call(t, b, "POST", both[1].tcp.URL+secret, "").want(303)
	call(t, both[0].browser(), "POST", both[0].tcp.URL+secret, "").want(404)
	call(t, b, "GET", both[0].tcp.URL+"/desk/", "").want(200)
	both[0].local("POST", "/staff/"+id+"/disable", "").want(200)
	if a := call(t, b, "GET", both[1].tcp.URL+"/desk/", ""); a.status == 200 {
		t.Fatal("a disabled member of staff is still at the desk of another node")
	}
}
