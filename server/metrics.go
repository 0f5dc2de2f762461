package server

import (
	"context"
	"net/http"
	"strconv"
	"sync"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// metrics has a registry of its own, so that two servers in one process, as in
// tests, do not meet.
type metrics struct {
	requests *prometheus.HistogramVec
	by       sync.Map // counted to its prometheus.Observer
	handler  http.Handler
}

// counted is what requests are told apart by: patterns of ours, and statuses.
type counted struct {
	route  string
	status int
}

func newMetrics(s *Server) *metrics {
	m := &metrics{requests: prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name: "vestnik_http_request_seconds", Help: "How long requests took, by the pattern of their route.",
		Buckets: []float64{.005, .025, .1, .5, 2.5, 10},
	}, []string{"route", "status"})}
	reg := prometheus.NewRegistry()
	reg.MustRegister(m.requests, collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}), gauges{s})
	m.handler = promhttp.HandlerFor(reg, promhttp.HandlerOpts{})
	return m
}

// of is what observes, in seconds, how long such requests took.
func (m *metrics) of(route string, status int) prometheus.Observer {
	of, ok := m.by.Load(counted{route, status})
	if !ok {
		of, _ = m.by.LoadOrStore(counted{route, status}, m.requests.WithLabelValues(route, strconv.Itoa(status)))
	}
	return of.(prometheus.Observer)
}

// gauges asks for the health at each scrape; nothing is counted twice in memory.
type gauges struct{ s *Server }

func (g gauges) Describe(out chan<- *prometheus.Desc) {
	for _, one := range g.values(Health{}) {
		out <- one.desc
	}
}

func (g gauges) Collect(out chan<- prometheus.Metric) {
	for _, one := range g.values(g.s.health(context.Background())) {
		out <- prometheus.MustNewConstMetric(one.desc, prometheus.GaugeValue, one.value)
	}
}

type gauge struct {
	desc  *prometheus.Desc
	value float64
}

func (g gauges) values(h Health) []gauge {
	ready := 0.0
	if h.Ready {
		ready = 1
	}
	held := 0.0
	if h.Held != "" {
		held = 1
	}
	one := func(name, help string, v float64) gauge {
		return gauge{prometheus.NewDesc("vestnik_"+name, help, nil, nil), v}
	}
	away := 0.0
	if h.away {
		away = 1
	}
	return []gauge{
		one("ready", "1 if the store answers.", ready),
		one("store_away", "1 while pages come from memory and nothing can be written.", away),
		one("state_age_seconds", "How old that is which pages are made from.", h.age.Seconds()),
		one("faults", "How many parts are not as they should be.", float64(len(h.Faults))),
		one("log_events", "Events in the public log.", float64(h.Events)),
		one("notifier_behind_events", "Events that the notifier has not followed yet.", float64(h.Behind)),
		one("deliveries_open", "Deliveries that are owed.", float64(h.Open)),
		one("deliveries_in_doubt", "Deliveries whose outcome is not known.", float64(h.InDoubt)),
		one("letters_waiting", "Letters that wait.", float64(h.Letters)),
		one("sending_held", "1 if an administrator must decide before anything is sent.", held),
	}
}
