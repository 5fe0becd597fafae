CREATE TABLE products (name text PRIMARY KEY, price numeric(8, 2));
INSERT INTO products VALUES ('teapot', 24.90), ('cup', 6.50), ('saucer', 3.20);
