create table posts (id serial primary key);
create table tags (id int primary key);
create table users (id text primary key);
create table "_PostToTag" ("A" int not null references posts on delete cascade on update cascade, "B" int not null references tags on delete cascade on update cascade, constraint "_PostToTag_AB_pkey" primary key ("A", "B"));
create index "_PostToTag_B_index" on "_PostToTag" ("B");
create table "_friends" ("A" text not null references users on delete cascade on update cascade, "B" text not null references users on delete cascade on update cascade, constraint "_friends_AB_pkey" primary key ("A", "B"));
create index "_friends_B_index" on "_friends" ("B");
