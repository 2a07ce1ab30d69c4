-- @param $1:roles
-- @param {Int} $2:limit
-- The order is on top of the plan, above the outer join.
select p.title, p.views, u.email, u.role, u.roles, u.tags, u.name
from posts as p
left join users as u on u.id = p.author_id
where u.role = any($1) or u.id is null
order by p.id
limit $2;
