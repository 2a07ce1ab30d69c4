create table "a b" (id int primary key, "x y" int, x_y int, posts int);
create table "a_b" (id int primary key);
create table "String" (id int primary key, a int references "a b");
create table "ü" (id int primary key);
create type "m-d" as enum ('a b', 'a-b', 'a_b', '1');
create table posts (id int primary key, d "m-d" default '1', e "m-d"[] default '{a b,a-b}', ab int references "a b", "a b" int);
