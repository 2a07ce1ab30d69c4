create type answer as enum ('yes', '1', '10 %', '!', 'ü', '€', '1a');
create table t (id int primary key, a answer not null default '1', b answer[] not null default '{!,yes}', c answer default 'ü');
