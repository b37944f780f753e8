-- What is in the database of the tests; the role is made behind it, and may read `public`.
CREATE TABLE customers (
  id int PRIMARY KEY, name text, email varchar(80), updated_at timestamptz, secret text
);
INSERT INTO customers
  SELECT n, CASE WHEN n % 2 = 0 THEN 'Harbour ' ELSE 'Meadow ' END || n, 'c' || n || '@example.com',
         '2024-01-01T00:00:00Z'::timestamptz + n * interval '1 hour', 'not for readers'
  FROM generate_series(1, 120) n;
CREATE TABLE odd (a text, b int, note text, PRIMARY KEY (a, b));
INSERT INTO odd VALUES
  ('', 1, '100% sure'), ('a', 2, 'a_b'), ('a', 10, 'a''b'), ('a:b.c/~', 3, 'back\slash'),
  ('Ünï', 4, '"quoted"'), ('a''; DROP TABLE customers; --', 5, 'axb');
CREATE TYPE mood AS ENUM ('low', 'high');
CREATE TYPE point3 AS (x int, y int);
CREATE DOMAIN positive AS int CHECK (VALUE > 0);
CREATE TABLE kinds (
  id bigint PRIMARY KEY, n numeric(30,10), f float8, b boolean, t timestamptz, l timestamp,
  d date, j jsonb, o json, raw bytea, list int[], words text[], m mood, p point3, u uuid,
  i interval, ip inet, r int4range, c char(5), pos positive, nothing text, many numeric[]
);
INSERT INTO kinds VALUES (
  9007199254740993, 12345678901234567890.0000000001, 1.5, true, '2026-01-02 03:04:05.123456+02',
  '2026-01-02 03:04:05', '2026-01-02', '{"a": [1, null]}', '{"a": 1}', '\x00ff10', '{1,2,NULL}',
  '{"a b","c"}', 'high', '(1,2)', '6a2f41a3-c54c-fce8-32d2-0324e1c32e22', '1 day 02:03', '10.0.0.1',
  '[1,5)', 'ab', 7, NULL, '{1.5}'
);
INSERT INTO kinds (id, n, f, t) VALUES (-1, 'NaN', 'NaN', 'infinity'), (0, 0, '-Infinity',
  '0044-03-15 00:00:00+00 BC');
CREATE TABLE big (id int PRIMARY KEY, text text, raw bytea);
INSERT INTO big SELECT n, repeat('x', 3000000), decode(repeat('ab', 100000), 'hex')
  FROM generate_series(1, 3) n;
CREATE TABLE heavy (id int PRIMARY KEY, a text, b text);
INSERT INTO heavy SELECT n, repeat('y', 16000), repeat('z', 16000) FROM generate_series(1, 300) n;
CREATE TABLE log (line text);
INSERT INTO log VALUES ('one'), ('one');
CREATE TABLE halves (code text NOT NULL, other text, UNIQUE (other), UNIQUE (code));
INSERT INTO halves VALUES ('x', NULL), ('y', NULL);
CREATE TABLE moods (mood mood PRIMARY KEY, about text);
INSERT INTO moods VALUES ('low', 'first by its type'), ('high', 'second');
CREATE TABLE parted (id int PRIMARY KEY, note text) PARTITION BY RANGE (id);
CREATE TABLE parted_low PARTITION OF parted FOR VALUES FROM (0) TO (10);
INSERT INTO parted VALUES (1, 'in a partition');
CREATE VIEW names AS SELECT name FROM customers;
CREATE TABLE "Weird ""table""; --" ("the ""id""" int PRIMARY KEY, "select" text);
INSERT INTO "Weird ""table""; --" VALUES (1, 'found');

CREATE TABLE written (id serial PRIMARY KEY);
CREATE FUNCTION spy() RETURNS boolean LANGUAGE plpgsql AS
  $$BEGIN INSERT INTO public.written DEFAULT VALUES; RETURN true; END$$;
CREATE FUNCTION slow() RETURNS boolean LANGUAGE sql AS 'SELECT pg_sleep(60) IS NOT NULL';
CREATE TABLE spied (id int PRIMARY KEY);
INSERT INTO spied VALUES (1);
ALTER TABLE spied ENABLE ROW LEVEL SECURITY;
CREATE POLICY spying ON spied USING (public.spy());
CREATE TABLE slow (id int PRIMARY KEY);
INSERT INTO slow VALUES (1);
ALTER TABLE slow ENABLE ROW LEVEL SECURITY;
CREATE POLICY slowly ON slow USING (public.slow());
CREATE TABLE shared (id int PRIMARY KEY, is_open boolean);
INSERT INTO shared VALUES (1, true), (2, false);
ALTER TABLE shared ENABLE ROW LEVEL SECURITY;
CREATE POLICY open ON shared USING (is_open);
CREATE SCHEMA private;
CREATE TABLE private.salaries (id int PRIMARY KEY);
CREATE TABLE stock (id int PRIMARY KEY, name text, changed timestamptz);
