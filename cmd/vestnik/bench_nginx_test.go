package main

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// Requests a second of vestnik serve beside those of nginx as Debian sets it up,
// both with their logs, on the same bytes: one core for the server, one for wrk, 64
// connections, in turns; -benchtime 5x takes medians of five. Where wrk takes its
// whole core (wrk-busy is near 1), or others use the machine, the CPU time of a
// request says more.
func BenchmarkBesideNginx(b *testing.B) {
	for _, tool := range []string{"/usr/sbin/nginx", "/usr/bin/wrk", "/usr/bin/taskset"} {
		if _, err := os.Stat(tool); err != nil {
			b.Skip("to compare with nginx: apt-get install nginx-light wrk util-linux")
		}
	}
	d := benchServe(b)
	page := "/privacy/ru"
	body := fetchAs(b, d.url+page, "identity")
	n := startNginx(b, body)
	for _, c := range []struct{ name, header string }{
		{"identity", ""}, {"gzip", "Accept-Encoding: gzip"}, {"304", "304"},
	} {
		b.Run(c.name, func(b *testing.B) {
			var ratios, cpu, times, allocs, busy []float64
			for b.Loop() {
				theirs := loaded(b, n.url+"/policy.html", c.header, n.pid)
				before := mallocs(b, d.url)
				ours := loaded(b, d.url+page, c.header, d.pid)
				allocs = append(allocs, (mallocs(b, d.url)-before)/ours.requests)
				ratios = append(ratios, ours.rate/theirs.rate)
				cpu, times, busy = append(cpu, ours.cpu), append(times, ours.cpu/theirs.cpu), append(busy, max(ours.busy, theirs.busy))
				b.Logf("%s: %.0f/s of %.0f/s, %.1f µs of %.1f µs of CPU a request", c.name, ours.rate, theirs.rate, ours.cpu, theirs.cpu)
			}
			b.ReportMetric(median(ratios), "of-nginx")
			b.ReportMetric(median(cpu), "cpu-µs/request")
			b.ReportMetric(median(times), "cpu-of-nginx")
			b.ReportMetric(median(busy), "wrk-busy")
			b.ReportMetric(median(allocs), "allocs/request")
		})
	}
}

func median(of []float64) float64 {
	slices.Sort(of)
	return of[(len(of)-1)/2]
}

type benched struct {
	url string
	pid int
}

// benchServe runs an open installation on the first core, with its log in a file.
func benchServe(b *testing.B) benched {
	b.Helper()
	dir, addr := filepath.Join(b.TempDir(), "data"), freeAddr(b)
	for _, args := range [][]string{
		{"settings", "organisation=Example", "postal=Almaty", "reply-to=a@example.kz"},
		{"import", "-document", "privacy", "sample/0001.ru.md", "sample/0001.kk.md", "sample/0001.en.md"},
		{"open"},
	} {
		if out, err := exec.Command(plainProgram(b), append([]string{args[0], "-data", dir}, args[1:]...)...).CombinedOutput(); err != nil {
			b.Fatalf("vestnik %s: %v\n%s", args, err, out)
		}
	}
	log, err := os.Create(filepath.Join(b.TempDir(), "log"))
	if err != nil {
		b.Fatal(err)
	}
	cmd := exec.Command("/usr/bin/taskset", "-c", "0", plainProgram(b), "serve", "-data", dir, "-addr", addr)
	cmd.Env = append(os.Environ(), "GOMAXPROCS=1")
	cmd.Stderr = log
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { cmd.Process.Signal(os.Interrupt); cmd.Wait(); log.Close() })
	awaitPage(b, "http://"+addr+"/privacy/ru")
	return benched{"http://" + addr, cmd.Process.Pid}
}

const nginxConf = `user www-data;
worker_processes 1;
pid %[1]s/pid;
daemon off;
error_log %[1]s/error.log;
events { worker_connections 768; }
http {
 sendfile on; tcp_nopush on; types_hash_max_size 2048;
 types { text/html html; }
 access_log %[1]s/access.log;
 gzip on; gzip_static on;
 client_body_temp_path %[1]s/t1; proxy_temp_path %[1]s/t2; fastcgi_temp_path %[1]s/t3; uwsgi_temp_path %[1]s/t4; scgi_temp_path %[1]s/t5;
 server { listen %[2]s; root %[1]s; }
}
`

func startNginx(b *testing.B, body []byte) benched {
	b.Helper()
	dir, err := os.MkdirTemp("", "vestnik-nginx-*")
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { os.RemoveAll(dir) })
	addr := freeAddr(b)
	var packed bytes.Buffer
	w, _ := gzip.NewWriterLevel(&packed, gzip.BestCompression)
	w.Write(body)
	w.Close()
	for name, content := range map[string][]byte{"policy.html": body, "policy.html.gz": packed.Bytes(), "conf": fmt.Appendf(nil, nginxConf, dir, addr)} {
		if err := os.WriteFile(filepath.Join(dir, name), content, 0o644); err != nil {
			b.Fatal(err)
		}
	}
	if err := os.Chmod(dir, 0o755); err != nil {
		b.Fatal(err)
	}
	cmd := exec.Command("/usr/bin/taskset", "-c", "0", "/usr/sbin/nginx", "-c", filepath.Join(dir, "conf"))
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { cmd.Process.Signal(os.Interrupt); cmd.Wait() })
	awaitPage(b, "http://"+addr+"/policy.html")
	worker, err := os.ReadFile(fmt.Sprintf("/proc/%d/task/%[1]d/children", cmd.Process.Pid))
	if err != nil {
		b.Fatal(err)
	}
	pid, err := strconv.Atoi(strings.Fields(string(worker))[0])
	if err != nil {
		b.Fatal(err)
	}
	return benched{"http://" + addr, pid}
}

func awaitPage(b *testing.B, url string) {
	b.Helper()
	if !until(patience*3, func() bool {
		resp, err := http.Get(url)
		if err == nil {
			resp.Body.Close()
		}
		return err == nil && resp.StatusCode == http.StatusOK
	}) {
		b.Fatalf("%s does not answer", url)
	}
}

func fetchAs(b *testing.B, url, encoding string) []byte {
	b.Helper()
	r, err := http.NewRequest(http.MethodGet, url, nil)
	if err != nil {
		b.Fatal(err)
	}
	r.Header.Set("Accept-Encoding", encoding)
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		b.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		b.Fatal(err)
	}
	return body
}

// load is what a server stood for some seconds: CPU is in µs for each request, busy
// is the part of its core that wrk took.
type load struct{ rate, requests, cpu, busy float64 }

var (
	wrkRate  = regexp.MustCompile(`Requests/sec:\s+([0-9.]+)`)
	wrkCount = regexp.MustCompile(`(\d+) requests in`)
)

func loaded(b *testing.B, url, header string, pid int) load {
	b.Helper()
	if header == "304" {
		r, err := http.Get(url)
		if err != nil {
			b.Fatal(err)
		}
		r.Body.Close()
		header = "If-None-Match: " + r.Header.Get("ETag")
		if r.Uncompressed {
			header += "\r\nAccept-Encoding: gzip"
		}
	}
	args := []string{"-c", "1", "/usr/bin/wrk", "-t1", "-c64", "-d3s"}
	for one := range strings.SplitSeq(header, "\r\n") {
		if one != "" {
			args = append(args, "-H", one)
		}
	}
	before := cpuOf(b, pid)
	wrk := exec.Command("/usr/bin/taskset", append(args, url)...)
	out, err := wrk.CombinedOutput()
	if err != nil {
		b.Fatalf("%v\n%s", err, out)
	}
	if strings.Contains(string(out), "Non-2xx") {
		b.Fatalf("%s", out)
	}
	requests := firstNumber(b, wrkCount, out)
	busy := (wrk.ProcessState.UserTime() + wrk.ProcessState.SystemTime()).Seconds() / 3
	return load{firstNumber(b, wrkRate, out), requests, (cpuOf(b, pid) - before) / requests, busy}
}

func firstNumber(b *testing.B, in *regexp.Regexp, text []byte) float64 {
	b.Helper()
	m := in.FindSubmatch(text)
	if m == nil {
		b.Fatalf("no %s in %s", in, text)
	}
	n, err := strconv.ParseFloat(string(m[1]), 64)
	if err != nil {
		b.Fatal(err)
	}
	return n
}

// cpuOf is how long, in µs, a process has run: its user and system time, which
// Linux tells in hundredths of a second (proc_pid_stat(5), fields 14 and 15).
func cpuOf(b *testing.B, pid int) (sum float64) {
	b.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		b.Fatal(err)
	}
	fields := strings.Fields(string(text[bytes.LastIndexByte(text, ')')+1:])) // from the third on
	for _, ticks := range fields[11:13] {
		n, err := strconv.ParseFloat(ticks, 64)
		if err != nil {
			b.Fatal(err)
		}
		sum += n * 10_000
	}
	return sum
}

var mallocLine = regexp.MustCompile(`(?m)^go_memstats_mallocs_total (\S+)$`)

func mallocs(b *testing.B, url string) float64 {
	b.Helper()
	return firstNumber(b, mallocLine, fetchAs(b, url+"/metrics", "identity"))
}
