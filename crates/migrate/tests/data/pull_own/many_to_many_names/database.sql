create table a (id int primary key);
create table b (id int primary key);
create table "_aTob" ("A" int not null references a, "B" int not null references b, primary key ("A", "B")); create index on "_aTob" ("B");
create table "_second link" ("A" int not null references a, "B" int not null references b, primary key ("A", "B")); create index on "_second link" ("B");
