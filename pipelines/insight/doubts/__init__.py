"""What a statistician would ask of ratings: the questions that notebooks answer. No table is made here."""
