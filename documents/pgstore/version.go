package pgstore

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"

	"vestnik/documents"
)

const (
	// versionColumns are those of a whole version, its texts by language.
	versionColumns = `record,
		ARRAY(SELECT lang FROM texts t WHERE (t.document, t.number) = (v.document, v.number) ORDER BY lang),
		ARRAY(SELECT source FROM texts t WHERE (t.document, t.number) = (v.document, v.number) ORDER BY lang),
		ARRAY(SELECT clauses FROM texts t WHERE (t.document, t.number) = (v.document, v.number) ORDER BY lang)`
	selectVersion  = "SELECT " + versionColumns + " FROM versions v WHERE document = $1 AND number = $2"
	selectTraces   = "SELECT number, trace FROM texts WHERE document = $1 AND lang = $2 AND number > $3 ORDER BY number LIMIT $4"
	selectVersions = "SELECT number, record FROM versions WHERE document = $1 AND number > $2 ORDER BY number LIMIT $3"
)

func (s *Store) Version(ctx context.Context, document string, number int) (v documents.Version, err error) {
	var record []byte
	var langs []string
	var sources, clauses [][]byte
	err = s.row(ctx, selectVersion, []any{document, number}, &record, &langs, &sources, &clauses)
	if err != nil {
		return v, err
	}
	return version(document, number, record, langs, sources, clauses)
}

func version(document string, number int, record []byte, langs []string, sources, clauses [][]byte) (v documents.Version, err error) {
	if err := decode(key("versions", document, number), record, &v); err != nil {
		return v, err
	}
	for i := range v.Texts {
		t := &v.Texts[i]
		source, err := opened(key("texts", document, number, t.Lang), of(t.Lang, langs, sources))
		if err != nil {
			return v, err
		}
		t.Source = string(source)
		if err := decode(key("clauses", document, number, t.Lang), of(t.Lang, langs, clauses), &t.Clauses); err != nil {
			return v, err
		}
	}
	return v, nil
}

func (s *Store) Versions(ctx context.Context, document string, after, limit int) (out []documents.Version, err error) {
	err = s.rows(ctx, selectVersions, []any{document, after, limit}, func(r pgx.Rows) error {
		var number int
		var b []byte
		var v documents.Version
		if err := r.Scan(&number, &b); err != nil {
			return err
		}
		err := decode(key("versions", document, number), b, &v)
		out = append(out, v)
		return err
	})
	return out, err
}

// Traces makes anew what an earlier Vestnik stored no trace of, or another one.
func (s *Store) Traces(ctx context.Context, document, lang string, after, limit int) (out []documents.Trace, err error) {
	var missing []int
	err = s.rows(ctx, selectTraces, []any{document, lang, after, limit}, func(r pgx.Rows) error {
		var number int
		var b []byte
		if err := r.Scan(&number, &b); err != nil {
			return err
		}
		t, ok, err := trace(document, lang, number, b)
		if !ok {
			missing = append(missing, len(out))
		}
		out = append(out, t)
		return err
	})
	for _, i := range missing {
		v, failed := s.Version(ctx, document, out[i].Number)
		if err = errors.Join(err, failed); err != nil {
			return nil, err
		}
		text, _ := v.Text(lang)
		out[i] = documents.TraceOf(v.Number, text)
	}
	return out, err
}

func trace(document, lang string, number int, b []byte) (t documents.Trace, ok bool, err error) {
	t.Number = number
	if b == nil {
		return t, false, nil
	}
	if b, err = opened(key("trace", document, number, lang), b); err != nil {
		return t, true, err
	}
	if read, ok := documents.DecodeTrace(number, b); ok {
		return read, true, nil
	}
	return t, false, nil
}
