create table users (id int primary key);
create table posts (id int primary key, user_id int, constraint one foreign key (user_id) references users, constraint two foreign key (user_id) references users on delete cascade);
