create table big (id bigint primary key, code varchar(10) unique, n smallint unique);
create table other (id int primary key);
create table child (id int primary key, big_id int references big, code text references big (code), n int references big (n), other_id int references other);
create table pair (a bigint, b int, primary key (a, b));
create table of_pair (id int primary key, a int, b int, foreign key (a, b) references pair);
create table self (id bigint primary key, parent int references self);
