-- CreateTable
CREATE TABLE "Bare" (
    "id" INTEGER NOT NULL,
    "text" TEXT NOT NULL,
    "boolean" BOOLEAN NOT NULL,
    "bigint" BIGINT NOT NULL,
    "float" DOUBLE PRECISION NOT NULL,
    "decimal" DECIMAL(65,30) NOT NULL,
    "datetime" TIMESTAMP(3) NOT NULL,
    "json" JSONB NOT NULL,
    "bytes" BYTEA NOT NULL,
    "texts" TEXT[],
    "booleans" BOOLEAN[],
    "ints" INTEGER[],
    "bigints" BIGINT[],
    "floats" DOUBLE PRECISION[],
    "decimals" DECIMAL(65,30)[],
    "datetimes" TIMESTAMP(3)[],
    "jsons" JSONB[],
    "bytess" BYTEA[],

    CONSTRAINT "Bare_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "Native" (
    "id" SMALLINT NOT NULL,
    "text" TEXT NOT NULL,
    "char" CHAR NOT NULL,
    "char5" CHAR(5),
    "varchar" VARCHAR NOT NULL,
    "varchar5" VARCHAR(5),
    "bit" BIT NOT NULL,
    "bit5" BIT(5),
    "varbit" VARBIT NOT NULL,
    "varbit5" VARBIT(5),
    "uuid" UUID NOT NULL,
    "xml" XML NOT NULL,
    "inet" INET NOT NULL,
    "integer" INTEGER NOT NULL,
    "oid" OID NOT NULL,
    "bigint" BIGINT NOT NULL,
    "real" REAL NOT NULL,
    "double" DOUBLE PRECISION NOT NULL,
    "decimal" DECIMAL NOT NULL,
    "decimal52" DECIMAL(5,2),
    "decimal50" DECIMAL(5,0),
    "decimal1000" DECIMAL(1000,1000),
    "money" MONEY NOT NULL,
    "timestamp" TIMESTAMP NOT NULL,
    "timestamp0" TIMESTAMP(0),
    "timestamp6" TIMESTAMP(6),
    "timestamptz" TIMESTAMPTZ NOT NULL,
    "tz3" TIMESTAMPTZ(3),
    "date" DATE NOT NULL,
    "time" TIME NOT NULL,
    "time2" TIME(2),
    "timetz" TIMETZ NOT NULL,
    "timetz2" TIMETZ(2),
    "json" JSON NOT NULL,
    "jsonb" JSONB NOT NULL,
    "bytea" BYTEA NOT NULL,

    CONSTRAINT "Native_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "Lists" (
    "id" INTEGER NOT NULL,
    "char" CHAR[],
    "char5" CHAR(5)[],
    "varchar5" VARCHAR(5)[],
    "bit" BIT[],
    "bit5" BIT(5)[],
    "varbit5" VARBIT(5)[],
    "uuid" UUID[],
    "inet" INET[],
    "oid" OID[],
    "small" SMALLINT[],
    "decimal" DECIMAL[],
    "decimal52" DECIMAL(5,2)[],
    "money" MONEY[],
    "timestamptz" TIMESTAMPTZ(0)[],
    "date" DATE[],
    "time2" TIME(2)[],

    CONSTRAINT "Lists_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "Other" (
    "id" INTEGER NOT NULL,
    "circle" circle NOT NULL,
    "point" point,
    "interval" INTERVAL NOT NULL DEFAULT '1 day',
    "precise" interval(3),
    "fields" interval hour to minute,
    "box" box[],
    "words" tsvector,
    "query" TSQUERY,
    "range" int4range,
    "network" cidr,
    "mac" macaddr,
    "known" int NOT NULL,
    "timed" timestamp with time zone,
    "texts" text[],
    "name" name,
    "code" char(3),
    "numeric" NUMERIC(5,2),

    CONSTRAINT "Other_pkey" PRIMARY KEY ("id")
);

