create schema other; create schema third;
create table t (id int primary key, x int);
create table other.t (id int primary key, t_id int references public.t);
create table third.alone (id int primary key, t_id int references other.t);
create type other.mood as enum ('good'); create type mood as enum ('bad');
create table other.moody (id int primary key, m other.mood, n public.mood default 'bad');
create table "c d" (id int primary key); create table other."c_d" (id int primary key);
