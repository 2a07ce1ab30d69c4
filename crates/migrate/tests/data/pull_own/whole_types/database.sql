create type "Pair" as (a int, b int);
create table t (id int primary key, a interval(3), b point[], c interval[], d interval year to month, e "Pair");
