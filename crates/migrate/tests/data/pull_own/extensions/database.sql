create extension citext; create extension "uuid-ossp"; create extension pg_trgm;
create table t (id int primary key, c citext);
