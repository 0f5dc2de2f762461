package main

import (
	"crypto/rand"
	"strings"

	"vestnik/documents/postgres"
)

// A database that `copy` or `restore` fills is claimed by that command until it is
// whole: what broke off is no installation, whenever that was.
const fillingPrefix = "filling/"

func newFilling() postgres.Installation {
	return postgres.Installation{LogKey: fillingPrefix + rand.Text()}
}

func filling(i postgres.Installation) bool { return strings.HasPrefix(i.LogKey, fillingPrefix) }
