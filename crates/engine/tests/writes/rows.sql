TRUNCATE "User", "Profile", "Post", "Tag", "_PostToTag" RESTART IDENTITY;
INSERT INTO "User" (email) VALUES ('u1'), ('u2');
INSERT INTO "Profile" (bio, "userId") VALUES ('p1', 1), ('p2', NULL);
INSERT INTO "Post" (title, "authorId") VALUES ('a', 1), ('b', 1), ('c', 2), ('d', NULL);
INSERT INTO "Tag" (name) VALUES ('red'), ('blue'), ('hot');
INSERT INTO "_PostToTag" ("A", "B") VALUES (1, 1), (1, 2);
