-- @description Counts the users that were created in each month.
-- @param {DateTime} $1:from The first instant
-- @param {DateTime} $2:to? The instant after the last, or null for now
-- @column month! A column that is not null has no null in its month.
select date_trunc('month', created_at) as month, count(*) as users
from users
where created_at >= $1 and created_at < coalesce($2, now())
group by 1
order by 1;
