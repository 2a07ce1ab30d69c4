-- since PostgreSQL 15
create table t (id int primary key, a numeric(3, -2));
