package lang

import (
	"fmt"
	"strings"
	"time"
)

var months = map[string][]string{
	"ru": strings.Fields("января февраля марта апреля мая июня июля августа сентября октября ноября декабря"),
	"kk": strings.Fields("қаңтар ақпан наурыз сәуір мамыр маусым шілде тамыз қыркүйек қазан қараша желтоқсан"),
	"en": strings.Fields("January February March April May June July August September October November December"),
}

// Date writes the day of t, in t's own zone, at length: "22 ноября 2026 г.",
// "2026 ж. 22 қараша", "22 November 2026".
func Date(tag string, t time.Time) string {
	near := Near(tag)
	year, month, day := t.Date()
	name := months[near][month-1]
	switch near {
	case "ru":
		return fmt.Sprintf("%d %s %d г.", day, name, year)
	case "kk":
		return fmt.Sprintf("%d ж. %d %s", year, day, name)
	}
	return fmt.Sprintf("%d %s %d", day, name, year)
}

// Moment is Date with the time of day and the offset from UTC, for places where
// an hour matters: "22 ноября 2026 г., 00:00 (UTC+5)".
func Moment(tag string, t time.Time) string {
	return fmt.Sprintf("%s, %s (%s)", Date(tag, t), t.Format("15:04"), Offset(t))
}

// Offset is the difference of the zone of t from UTC at that moment: UTC+5, UTC−3:30 with a true minus sign, or UTC.
func Offset(t time.Time) string {
	_, seconds := t.Zone()
	sign, minutes := "+", seconds/60
	if minutes < 0 {
		sign, minutes = "−", -minutes
	}
	switch {
	case minutes == 0:
		return "UTC"
	case minutes%60 == 0:
		return fmt.Sprintf("UTC%s%d", sign, minutes/60)
	}
	return fmt.Sprintf("UTC%s%d:%02d", sign, minutes/60, minutes%60)
}
