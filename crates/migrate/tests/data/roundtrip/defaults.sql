-- CreateEnum
CREATE TYPE "Color" AS ENUM ('RED', 'deep blue', 'Green');

-- CreateTable
CREATE TABLE "Literals" (
    "id" SERIAL NOT NULL,
    "text" TEXT NOT NULL DEFAULT 'it''s a "test"
\ and 	 more',
    "empty" TEXT NOT NULL DEFAULT '',
    "varchar" VARCHAR(10) NOT NULL DEFAULT 'abc',
    "char" CHAR(3) NOT NULL DEFAULT 'a',
    "bit" BIT(3) NOT NULL DEFAULT '101',
    "varbit" VARBIT(3) NOT NULL DEFAULT '10',
    "uuid" UUID NOT NULL DEFAULT '6b8a1f4e-0000-4000-8000-000000000000',
    "inet" INET NOT NULL DEFAULT '10.0.0.1',
    "xml" XML NOT NULL DEFAULT '<a/>',
    "boolean" BOOLEAN NOT NULL DEFAULT true,
    "no" BOOLEAN NOT NULL DEFAULT false,
    "int" INTEGER NOT NULL DEFAULT 7,
    "negative" INTEGER NOT NULL DEFAULT -7,
    "small" SMALLINT NOT NULL DEFAULT 3,
    "oid" OID NOT NULL DEFAULT 3,
    "bigint" BIGINT NOT NULL DEFAULT 9007199254740993,
    "below" BIGINT NOT NULL DEFAULT -9007199254740993,
    "float" DOUBLE PRECISION NOT NULL DEFAULT 1.50,
    "whole" DOUBLE PRECISION NOT NULL DEFAULT 1,
    "minus" DOUBLE PRECISION NOT NULL DEFAULT -0.25,
    "real" REAL NOT NULL DEFAULT 2.5,
    "decimal" DECIMAL(65,30) NOT NULL DEFAULT 10.50,
    "exact" DECIMAL(65,30) NOT NULL DEFAULT 12345678901234567890.123456789,
    "money" MONEY NOT NULL DEFAULT 12.50,
    "price" DECIMAL(10,2) NOT NULL DEFAULT 9.9,
    "datetime" TIMESTAMP(3) NOT NULL DEFAULT '2021-03-04 05:06:07 +00:00',
    "zoned" TIMESTAMPTZ(3) NOT NULL DEFAULT '2021-03-04 05:06:07.123 +02:00',
    "date" DATE NOT NULL DEFAULT '2021-03-04 00:00:00 +00:00',
    "time" TIME(0) NOT NULL DEFAULT '1970-01-01 05:06:07 +00:00',
    "json" JSONB NOT NULL DEFAULT '{"a":1,  "b": [true,null, "x"]}',
    "plain" JSON NOT NULL DEFAULT '{"a":1,  "b": []}',
    "bytes" BYTEA NOT NULL DEFAULT '\x68656c6c6f',
    "color" "Color" NOT NULL DEFAULT 'deep blue',
    "green" "Color" DEFAULT 'Green',

    CONSTRAINT "Literals_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "Lists" (
    "id" BIGSERIAL NOT NULL,
    "none" TEXT[] DEFAULT ARRAY[]::TEXT[],
    "texts" TEXT[] DEFAULT ARRAY['a', 'b,c', 'it''s', '"q"', '']::TEXT[],
    "varchars" VARCHAR(5)[] DEFAULT ARRAY['a', 'b']::VARCHAR(5)[],
    "booleans" BOOLEAN[] DEFAULT ARRAY[true, false]::BOOLEAN[],
    "ints" INTEGER[] DEFAULT ARRAY[1, -2]::INTEGER[],
    "bigints" BIGINT[] DEFAULT ARRAY[1, -9007199254740993]::BIGINT[],
    "floats" DOUBLE PRECISION[] DEFAULT ARRAY[1, 2.5, -3.5]::DOUBLE PRECISION[],
    "decimals" DECIMAL(65,30)[] DEFAULT ARRAY[1, 2.50]::DECIMAL(65,30)[],
    "prices" DECIMAL(5,2)[] DEFAULT ARRAY[1, 2.50]::DECIMAL(5,2)[],
    "datetimes" TIMESTAMP(3)[] DEFAULT ARRAY['2021-03-04 05:06:07 +00:00']::TIMESTAMP(3)[],
    "dates" DATE[] DEFAULT ARRAY['2021-03-04 00:00:00 +00:00']::DATE[],
    "jsons" JSONB[] DEFAULT ARRAY['{"a":1}', '[1]']::JSONB[],
    "bytess" BYTEA[] DEFAULT ARRAY['\x68656c6c6f', '\x']::BYTEA[],
    "colors" "Color"[] DEFAULT ARRAY['RED', 'deep blue']::"Color"[],
    "nocolors" "Color"[] DEFAULT ARRAY[]::"Color"[],
    "uuids" UUID[] DEFAULT ARRAY[]::UUID[],

    CONSTRAINT "Lists_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "Functions" (
    "id" SMALLSERIAL NOT NULL,
    "now" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "now0" TIMESTAMPTZ(0) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "today" DATE NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "hour" TIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated" TIMESTAMP(3) NOT NULL,
    "cuid" TEXT NOT NULL,
    "uuid" TEXT NOT NULL,
    "ulid" TEXT NOT NULL,
    "nano" TEXT NOT NULL,
    "generated" UUID NOT NULL DEFAULT gen_random_uuid(),
    "upper" TEXT NOT NULL DEFAULT GEN_RANDOM_UUID()::TEXT,
    "tomorrow" TIMESTAMP(3) NOT NULL DEFAULT now() + '1 day',
    "zone" TIMESTAMP(3) NOT NULL DEFAULT timezone('utc', now()),
    "precise" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
    "isnow" TIMESTAMP(3) NOT NULL DEFAULT NOW(),
    "sum" INTEGER NOT NULL DEFAULT 1+1,
    "literal" INTEGER NOT NULL DEFAULT 42,
    "quoted" TEXT NOT NULL DEFAULT 'x',
    "cast" TEXT NOT NULL DEFAULT 'x'::text,
    "joined" TEXT NOT NULL DEFAULT lower('A'||'b'),
    "conditional" TEXT NOT NULL DEFAULT case when 1=1 then 'a' else 'b' end,
    "object" JSONB NOT NULL DEFAULT jsonb_build_object('a', 1),
    "braces" JSONB NOT NULL DEFAULT '{}',
    "list" TEXT[] DEFAULT array['a'],
    "color" "Color" NOT NULL DEFAULT 'RED'::"Color",
    "nothing" TEXT DEFAULT NULL,
    "random" DOUBLE PRECISION NOT NULL DEFAULT random()*10,
    "epoch" BIGINT NOT NULL DEFAULT extract(epoch from now())*1000,
    "whatever" TEXT,

    CONSTRAINT "Functions_pkey" PRIMARY KEY ("id")
);

