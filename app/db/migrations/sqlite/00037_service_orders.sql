-- +goose Up
-- Lectures that were ordered for a month of a service.
CREATE TABLE service_cell_orders (
  order_id TEXT NOT NULL PRIMARY KEY REFERENCES lecture_orders (id),
  cell_id  INTEGER NOT NULL REFERENCES service_cells (id)
);
CREATE INDEX service_cell_orders_cell_id_idx ON service_cell_orders (cell_id);

-- +goose Down
DROP TABLE service_cell_orders;
