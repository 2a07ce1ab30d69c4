create type mood as enum ('good');
create type new_mood as enum ('good');
create table b (id int primary key);
create table a (id int primary key, b_id int references b);
create table c (id int primary key);
