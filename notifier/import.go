package notifier

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"hash/maphash"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"vestnik/documents"
)

const (
	importBatch = 1000 // rows in one transaction
	maxNamed    = 1000 // refused rows that a report names
)

// Import reads recipients as "csv" or "ndjson". With a broken row it takes
// nothing, unless keepGood is set, and the report names each broken row. A
// refusal comes with the report and an InvalidError. progress may be nil.
//
// The file is read once into a temporary file and checked on the way, and then
// taken from there: 8 bytes of memory for each row, whatever its length. Should
// the process end meanwhile, the same import again does no harm.
func (n *Notifier) Import(ctx context.Context, format, source string, r io.Reader, keepGood bool, by documents.Actor, progress func(rows int)) (ImportReport, error) {
	set, err := n.Settings(ctx)
	if err != nil {
		return ImportReport{}, err
	}
	spool, err := os.CreateTemp("", "vestnik-import-*")
	if err != nil {
		return ImportReport{}, fmt.Errorf("import: %w", err)
	}
	defer os.Remove(spool.Name())
	os.Remove(spool.Name()) // at once where the system lets it: the file names people
	defer spool.Close()
	im := &importing{
		n: n, format: format, zone: zone(set.Zone), now: time.Now(), seed: maphash.MakeSeed(), progress: progress,
		report: ImportReport{Source: source, At: time.Now().UTC().Truncate(time.Microsecond), By: by.Name},
	}
	digest := sha256.New()
	if err := im.check(ctx, io.TeeReader(r, io.MultiWriter(spool, digest))); err != nil {
		return im.report, err
	}
	digest.Sum(im.report.Digest[:0])
	if im.report.Broken > 0 && !keepGood {
		return im.report, im.broken()
	}
	if _, err := spool.Seek(0, io.SeekStart); err != nil {
		return im.report, fmt.Errorf("import: %w", err)
	}
	if err := im.take(ctx, spool); err != nil {
		return im.report, err
	}
	n.wake()
	if err := n.Store.PutImport(ctx, im.report); err != nil {
		return im.report, fmt.Errorf("import: %w", err)
	}
	return im.report, nil
}

func zone(name string) *time.Location {
	if z, err := time.LoadLocation(name); err == nil {
		return z
	}
	return time.UTC
}

// importing is one import on its way.
type importing struct {
	n        *Notifier
	format   string
	zone     *time.Location
	now      time.Time
	seed     maphash.Seed
	seen     []uint64            // hash of each row's external id, 0 for a broken row
	twice    map[uint64]struct{} // hashes that stand more than once
	report   ImportReport
	progress func(int)
}

// check reads everything once and names what is broken, repeated external ids
// among it. 64 bits of a seeded hash stand for an id: of ten million different
// ones two agree once in 400,000 imports, and then the row is refused and named.
func (im *importing) check(ctx context.Context, r io.Reader) error {
	in, first, err := newRows(im.format, r, im.zone)
	if err != nil {
		return err
	}
	err = im.each(ctx, in, func(i int, rec Recipient, fault *documents.InvalidError) error {
		hash := uint64(0)
		if fault == nil {
			hash = maphash.String(im.seed, rec.ExternalID) | 1
		} else {
			im.refuse(first+i, fault.Reason)
		}
		im.seen = append(im.seen, hash)
		return nil
	})
	if err != nil {
		return err
	}
	im.report.Rows = len(im.seen)
	if _, err := io.Copy(io.Discard, r); err != nil { // what an endError left unread
		return err
	}
	im.findTwice()
	met := map[uint64]bool{}
	for i, hash := range im.seen {
		if _, ok := im.twice[hash]; !ok {
			continue
		}
		if met[hash] {
			im.refuse(first+i, "the external_id stands in an earlier row already")
			im.seen[i] = 0
		}
		met[hash] = true
	}
	slices.SortStableFunc(im.report.Refused, func(a, b RefusedRow) int { return a.Row - b.Row })
	return nil
}

// broken says why nothing was taken.
func (im *importing) broken() error {
	first := im.report.Refused[0]
	if im.report.Broken == 1 {
		return documents.Invalid("", "import-broken", "nothing was taken, because row %d is broken: %s", first.Row, first.Reason)
	}
	return documents.Invalid("", "import-broken", "nothing was taken, because %d rows are broken, the first one row %d: %s", im.report.Broken, first.Row, first.Reason)
}

func (im *importing) findTwice() {
	im.twice = map[uint64]struct{}{}
	sorted := slices.Clone(im.seen)
	slices.Sort(sorted)
	for i := 1; i < len(sorted); i++ {
		if sorted[i] != 0 && sorted[i] == sorted[i-1] {
			im.twice[sorted[i]] = struct{}{}
		}
	}
}

func (im *importing) refuse(row int, reason string) {
	im.report.Broken++
	if len(im.report.Refused) < maxNamed {
		im.report.Refused = append(im.report.Refused, RefusedRow{Row: row, Reason: reason})
	}
}

// each calls f with every row, checked, from 0.
func (im *importing) each(ctx context.Context, in rows, f func(i int, r Recipient, fault *documents.InvalidError) error) error {
	for i := 0; ; i++ {
		if err := ctx.Err(); err != nil {
			return err
		}
		r, err := in.next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		var end endError
		last := errors.As(err, &end)
		if err == nil {
			r, err = checked(r, im.now)
		}
		var fault *documents.InvalidError
		if err != nil && !errors.As(err, &fault) {
			return fmt.Errorf("import: %w", err)
		}
		if err := f(i, r, fault); err != nil {
			return err
		}
		if last {
			return nil
		}
	}
}

// take stores the good rows.
func (im *importing) take(ctx context.Context, r io.Reader) error {
	in, _, err := newRows(im.format, r, im.zone)
	if err != nil {
		return err
	}
	batch := make([]Recipient, 0, importBatch)
	flush := func() error {
		t, err := im.n.take(ctx, batch)
		if err != nil {
			return fmt.Errorf("import: %w", err)
		}
		im.report.Added += t.added
		im.report.Changed += t.changed
		im.report.Unchanged += t.unchanged
		im.report.Erased += t.erased
		im.report.Kept += t.kept
		batch = batch[:0]
		return nil
	}
	err = im.each(ctx, in, func(i int, rec Recipient, fault *documents.InvalidError) error {
		if im.progress != nil && i%importBatch == 0 {
			im.progress(i)
		}
		if im.seen[i] == 0 {
			return nil
		}
		if batch = append(batch, rec); len(batch) < importBatch {
			return nil
		}
		return flush()
	})
	if err != nil {
		return err
	}
	if im.progress != nil {
		im.progress(im.report.Rows)
	}
	return flush()
}

// Export writes all recipients that are not erased, exactly as Import reads
// them. A CSV has no column for the state, so those who left stand in NDJSON
// only.
func (n *Notifier) Export(ctx context.Context, format string, w io.Writer) error {
	out := bufio.NewWriter(w)
	var write func(Recipient) error
	switch format {
	case "csv":
		c := csv.NewWriter(out)
		if err := c.Write(columns); err != nil {
			return err
		}
		c.Flush()
		write = func(r Recipient) error { return writeCSV(c, r) }
	case "ndjson":
		e := json.NewEncoder(out)
		e.SetEscapeHTML(false)
		write = func(r Recipient) error { return writeJSON(e, r) }
	default:
		return documents.Invalid("format", "import-format", "recipients are written as csv or ndjson: name one of them")
	}
	for after := int64(0); ; {
		rs, err := n.Store.Recipients(ctx, after, importBatch)
		if err != nil {
			return fmt.Errorf("export: %w", err)
		}
		for _, r := range rs {
			if r.State == Erased {
				continue
			}
			if err := write(r); err != nil {
				return err
			}
		}
		if len(rs) < importBatch {
			return out.Flush()
		}
		after = rs[len(rs)-1].Number
	}
}

func writeCSV(c *csv.Writer, r Recipient) error {
	if r.State == Left {
		return nil
	}
	err := c.Write([]string{r.ExternalID, r.Address, r.Language, r.Name, r.RegisteredAt.Format(time.RFC3339Nano), strings.Join(r.Groups, ";")})
	c.Flush()
	return errors.Join(err, c.Error())
}

func writeJSON(e *json.Encoder, r Recipient) error {
	state := r.State
	if state == Active {
		state = ""
	}
	return e.Encode(line{r.ExternalID, r.Address, r.Language, r.Name, r.RegisteredAt.Format(time.RFC3339Nano), r.Groups, r.Known, state})
}
