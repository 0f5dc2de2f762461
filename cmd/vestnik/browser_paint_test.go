package main

import (
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/chromedp"
)

// farAway are a telephone's conditions where the net is poor: latency in
// milliseconds, throughput in bytes a second.
type farAway struct {
	Offline            bool    `json:"offline"`
	Latency            float64 `json:"latency"`
	DownloadThroughput float64 `json:"downloadThroughput"`
	UploadThroughput   float64 `json:"uploadThroughput"`
}

type accepted struct{}

var emulateNetwork = cdp.Command[farAway, accepted]{Method: "Network.emulateNetworkConditions"}

// paintedIn is when, in ms, a reader sees something at the latest, with 400 ms for
// each round trip and 400 kbit/s: two round trips, the page and its style, and as
// much again for a busy machine.
const paintedIn = 4000

func TestFirstPaintFarAway(t *testing.T) {
	t.Parallel()
	d, browser := newDemo(t), newBrowser(t)
	for _, path := range []string{"/?lang=ru", "/privacy/ru", "/privacy/kk", "/privacy/ru/compare/1...2"} {
		p := newTab(t, browser, d.url).sized(400)
		_, err := chromedp.Call(p.ctx, emulateNetwork, farAway{false, 400, 50_000, 50_000})
		p.must(err)
		p.open(path).status(200)
		at := eval[float64](p, `new Promise(done => { const seen = () => { const one = performance.getEntriesByName('first-contentful-paint')[0]; one ? done(one.startTime) : requestAnimationFrame(seen) }; seen() })`)
		weight := eval[float64](p, `[...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')].reduce((n, e) => n + e.transferSize, 0)`)
		t.Logf("%s: first paint after %.0f ms, %.0f bytes", path, at, weight)
		if at > paintedIn || at < 400 {
			t.Errorf("%s: first paint after %.0f ms", path, at)
		}
	}
}
