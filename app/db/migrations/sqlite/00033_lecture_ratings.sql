-- +goose Up
-- A rating is of one session: an order that was opened again is rated again.
CREATE TABLE lecture_ratings_new (
  id         INTEGER PRIMARY KEY AUTOINCREMENT,
  order_id   TEXT NOT NULL REFERENCES lecture_orders (id),
  session_id INTEGER REFERENCES lecture_sessions (id),
  face       INTEGER NOT NULL,
  text       TEXT NOT NULL DEFAULT '',
  rated_at   TEXT NOT NULL,
  CONSTRAINT lecture_ratings_face CHECK (face BETWEEN 1 AND 3)
);
INSERT INTO lecture_ratings_new (order_id, session_id, face, text, rated_at)
  SELECT f.order_id, o.session_id, f.face, f.text, f.rated_at FROM lecture_ratings f JOIN lecture_orders o ON o.id = f.order_id ORDER BY f.rated_at;
DROP TABLE lecture_ratings;
ALTER TABLE lecture_ratings_new RENAME TO lecture_ratings;
CREATE UNIQUE INDEX lecture_ratings_order_id_session_id_key ON lecture_ratings (order_id, session_id);

-- +goose Down
DELETE FROM lecture_ratings WHERE id NOT IN (SELECT MAX(id) FROM lecture_ratings GROUP BY order_id);
CREATE TABLE lecture_ratings_old (
  order_id TEXT NOT NULL PRIMARY KEY REFERENCES lecture_orders (id),
  face     INTEGER NOT NULL,
  text     TEXT NOT NULL DEFAULT '',
  rated_at TEXT NOT NULL,
  CONSTRAINT lecture_ratings_face CHECK (face BETWEEN 1 AND 3)
);
INSERT INTO lecture_ratings_old SELECT order_id, face, text, rated_at FROM lecture_ratings;
DROP TABLE lecture_ratings;
ALTER TABLE lecture_ratings_old RENAME TO lecture_ratings;
