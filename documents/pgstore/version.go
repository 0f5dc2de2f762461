package pgstore

import (
	"context"

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
