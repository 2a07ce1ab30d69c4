INSERT INTO "User" ("email", "name", "role", "password", "visits", "createdAt", "deletedAt") VALUES
  ('ann@example.com', 'Ann', 'ADMIN', 'secret', 12, '2026-01-01', NULL),
  ('bob@example.com', 'Bob', 'EDITOR', 'secret', 3, '2026-01-02', NULL),
  ('cy@example.org', NULL, 'READER', 'secret', 0, '2026-01-03', NULL),
  ('dee@example.com', 'Dee', 'READER', 'secret', 7, '2026-01-04', '2026-03-01');
INSERT INTO "Profile" ("bio", "settings", "userId") VALUES
  ('Writes.', '{"theme": "dark", "fonts": {"size": 12}, "pins": [1, 2]}', 1),
  ('Edits.', 'null', 2),
  ('Reads.', NULL, 3);
INSERT INTO "Post" ("slug", "title", "body", "published", "views", "likes", "keywords", "publishedAt", "updatedAt", "authorId", "reviewerId") VALUES
  ('cats', 'Cats', 'The cat sat on the mat.', true, 90, 9, '{animals,cats}', '2026-02-01', '2026-02-01', 1, 2),
  ('dogs', 'Dogs', 'The dog chased the cat.', true, 50, 12, '{animals,dogs}', '2026-02-02', '2026-02-02', 1, NULL),
  ('drafts', 'On drafts', '', false, 0, 0, '{}', NULL, '2026-02-03', 1, 2),
  ('rust', 'Rust', 'A language.', true, 70, 70, '{code}', '2026-02-04', '2026-02-04', 2, 1),
  ('sql', 'SQL', 'Another language.', false, 4, 5, '{code,data}', NULL, '2026-02-05', 2, NULL);
INSERT INTO "Comment" ("text", "postId") VALUES
  ('Nice', 1), ('I prefer dogs', 1), ('Woof', 2), ('Fast', 4), ('Hm', 4), ('Crab', 4);
INSERT INTO "Tag" ("name") VALUES ('pets'), ('code'), ('unused');
INSERT INTO "_PostToTag" ("A", "B") VALUES (1, 1), (2, 1), (4, 2), (5, 2);
INSERT INTO "Team" ("name") VALUES ('Red'), ('Blue');
INSERT INTO "Membership" ("userId", "teamId", "role") VALUES (1, 1, 'ADMIN'), (2, 1, 'READER'), (2, 2, 'EDITOR');
INSERT INTO "Order" ("number", "amount", "weight", "dueAt", "paidAt", "userId") VALUES
  (1001, 10.5, 1.25, '2026-01-10', '2026-01-09', 1),
  (1002, 20, NULL, '2026-01-10', '2026-01-12', 1),
  (1003, 5, 0.5, '2026-02-10', NULL, 2);
