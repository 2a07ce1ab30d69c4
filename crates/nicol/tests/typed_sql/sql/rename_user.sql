-- @param $1:id
-- @param $2:name? Null removes the name.
update users set name = $2 where id = $1
