create table t (id int primary key, n text);
create view v as select id, n, id as other from t;
create view w as select id from t;
