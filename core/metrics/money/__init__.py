"""What sales earned: costs and profit, the months of the accountant, taxes, payments and gift cards."""
