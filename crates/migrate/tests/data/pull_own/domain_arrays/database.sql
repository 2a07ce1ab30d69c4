create domain word as text check (value <> '');
create domain words as text[];
create domain age as int default 5;
create table t (id int primary key, a word[] default '{}', b words default '{x}', c word default 'w', d age, e interval[] default '{}', f point default '(1,2)', g int[][] default '{{1,2},{3,4}}');
