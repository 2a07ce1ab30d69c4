-- CreateTable
CREATE TABLE "Document" (
    "a" INTEGER NOT NULL,
    "b" TEXT NOT NULL,
    "c" TIMESTAMP(3) NOT NULL,
    "json" JSONB NOT NULL,
    "tags" TEXT[],
    "ip" INET NOT NULL,
    "code" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "words" tsvector,
    "place" point,
    "span" tsrange,

    CONSTRAINT "document_pk" PRIMARY KEY ("a","b")
);

-- CreateIndex
CREATE UNIQUE INDEX "Document_code_key" ON "Document"("code");

-- CreateIndex
CREATE UNIQUE INDEX "the name's key" ON "Document"("name" DESC);

-- CreateIndex
CREATE INDEX "Document_a_idx" ON "Document"("a");

-- CreateIndex
CREATE INDEX "said_asc" ON "Document"("a" ASC);

-- CreateIndex
CREATE INDEX "Document_a_b_c_idx" ON "Document"("a" DESC, "b", "c" DESC);

-- CreateIndex
CREATE INDEX "hash" ON "Document" USING HASH ("a");

-- CreateIndex
CREATE INDEX "said_btree" ON "Document"("b", "c");

-- CreateIndex
CREATE INDEX "Document_json_idx" ON "Document" USING GIN ("json");

-- CreateIndex
CREATE INDEX "said_jsonb_ops" ON "Document" USING GIN ("json" jsonb_ops);

-- CreateIndex
CREATE INDEX "path" ON "Document" USING GIN ("json" jsonb_path_ops);

-- CreateIndex
CREATE INDEX "Document_tags_idx" ON "Document" USING GIN ("tags" array_ops);

-- CreateIndex
CREATE INDEX "words_gin" ON "Document" USING GIN ("words");

-- CreateIndex
CREATE INDEX "words_gist" ON "Document" USING GIST ("words" tsvector_ops);

-- CreateIndex
CREATE INDEX "Document_place_idx" ON "Document" USING GIST ("place");

-- CreateIndex
CREATE INDEX "place_spgist" ON "Document" USING SPGIST ("place");

-- CreateIndex
CREATE INDEX "place_kd" ON "Document" USING SPGIST ("place" kd_point_ops);

-- CreateIndex
CREATE INDEX "span_gist" ON "Document" USING GIST ("span");

-- CreateIndex
CREATE INDEX "Document_ip_idx" ON "Document" USING GIST ("ip" inet_ops);

-- CreateIndex
CREATE INDEX "ip_spgist" ON "Document" USING SPGIST ("ip" inet_ops);

-- CreateIndex
CREATE INDEX "b_spgist" ON "Document" USING SPGIST ("b" text_ops);

-- CreateIndex
CREATE INDEX "brin_default" ON "Document" USING BRIN ("a");

-- CreateIndex
CREATE INDEX "brin_said" ON "Document" USING BRIN ("a" int4_minmax_ops);

-- CreateIndex
CREATE INDEX "brin_multi" ON "Document" USING BRIN ("a" int4_minmax_multi_ops);

-- CreateIndex
CREATE INDEX "brin_bloom" ON "Document" USING BRIN ("a" int4_bloom_ops);

-- CreateIndex
CREATE INDEX "brin_two" ON "Document" USING BRIN ("c" timestamp_minmax_ops, "b" text_bloom_ops);

-- CreateIndex
CREATE INDEX "brin_inclusion" ON "Document" USING BRIN ("ip" inet_inclusion_ops);

-- CreateIndex
CREATE UNIQUE INDEX "Document_b_a_key" ON "Document"("b", "a");

-- CreateIndex
CREATE UNIQUE INDEX "c_a" ON "Document"("c" DESC, "a" ASC);

