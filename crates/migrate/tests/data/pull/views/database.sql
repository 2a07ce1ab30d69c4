create table t (id int primary key, n text not null default 'x');
create view v as select id, n, 'x'::varchar(5) as c, array[1] as l from t;
create materialized view mv as select count(*) as many from t;
create view "z odd view" as select id as "odd id" from t;
comment on view v is 'about v';
