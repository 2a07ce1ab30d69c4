select id, email, name, role, roles, tags, score, data, created_at from users where role = $1 order by id
