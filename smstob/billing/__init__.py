"""The rooms of money: selling, invoicing, transfers, shared domains, trials. They import model, interfaces, storage."""
